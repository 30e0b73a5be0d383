// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "faults/message/document.h"

namespace murphy::message {

// Cuts a byte stream into server-sent events (HTML standard, section 9.2.5): any mix of LF, CR and
// CRLF, a leading BOM, comments, several `data` lines. Concatenating the `raw` of all parts and the
// tail gives the input back, byte for byte. A block without `data` (comments, `retry`) is a part of
// its own with empty data.
class SseScanner {
 public:
  // An event longer than `limit` bytes is passed on in pieces, with empty data, as it arrives.
  explicit SseScanner(size_t limit = 1 << 20) : limit_(limit) {}

  // Appends bytes; adds the parts that are complete with them. `at` is left zero. An event whose
  // last byte so far is a CR waits for the next byte, which may be its LF.
  void Feed(std::string_view bytes, std::vector<Part>& parts);
  std::vector<Part> Feed(std::string_view bytes) {
    std::vector<Part> parts;
    Feed(bytes, parts);
    return parts;
  }

  // What has not been returned yet; the scanner is empty afterwards.
  std::string TakeTail();

  // Bytes held.
  size_t pending() const { return buffer_.size(); }

 private:
  size_t limit_;
  std::string buffer_;
  size_t scanned_ = 0;
  bool line_empty_ = true;
  bool overlong_ = false;
};

// Event name and data of one block.
Part ParseEvent(std::string raw);

// An event, framed with LF: `event` line (none when empty) and `data` lines.
std::string FormatEvent(std::string_view event, std::string_view data);

}  // namespace murphy::message
