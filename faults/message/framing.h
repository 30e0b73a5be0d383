// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace murphy::message {

struct Part;

// How the parts of an answer are told apart.
enum class Framing {
  kWhole,  // one part: the body
  kSse,    // server-sent events (HTML standard, section 9.2.5)
  kLines,  // one JSON text a line: NDJSON, JSON Lines, JSON-RPC over a pipe
};

// By content type, whatever its case and parameters.
Framing FramingOf(std::string_view content_type);

// Cuts a byte stream into parts, as they arrive. Concatenating the `raw` of all parts and the tail
// gives the input back, byte for byte.
class Framer {
 public:
  virtual ~Framer() = default;

  // Appends bytes; adds the parts that are complete with them. `at` is left zero.
  virtual void Feed(std::string_view bytes, std::vector<Part>& parts) = 0;
  // What has not been returned yet; the framer is empty afterwards.
  virtual std::string TakeTail() = 0;
  // Bytes held.
  virtual size_t pending() const = 0;
};

// A part longer than `limit` bytes is passed on in pieces, with empty data. Null for kWhole, which
// has nothing to cut.
std::unique_ptr<Framer> NewFramer(Framing framing, size_t limit = 1 << 20);

// What a stream ends with, without the end of a part: SDKs take it for one.
Part TailPart(Framing framing, std::string tail);

}  // namespace murphy::message
