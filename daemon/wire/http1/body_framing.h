// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/wire/http1/head.h"

namespace murphy::wire {

// Finds the end of a message body in the bytes as they travel, so that they can be passed on as
// they are (RFC 9112 sections 6 and 7). Strict: a chunk size is hexadecimal, lines end with CRLF,
// extensions and trailers are bounded.
class BodyFraming {
 public:
  BodyFraming() = default;
  BodyFraming(BodyLength length, uint64_t content_length);

  // Looks at more bytes; returns how many of them belong to this body. Fewer than given: the body
  // has ended. When `payload` is not null, the bytes inside the framing are appended to it, up to
  // `limit` bytes in it.
  size_t Consume(std::string_view bytes, std::string* payload, size_t limit);

  bool done() const { return done_; }
  // The framing is broken; nothing more can be said about these bytes.
  bool broken() const { return broken_; }
  // Bytes inside the framing so far.
  uint64_t payload_bytes() const { return payload_bytes_; }

 private:
  enum class State { kSize, kExtension, kSizeEnd, kData, kDataEnd, kTrailer, kTrailerEnd };
  size_t ConsumeChunked(std::string_view bytes, std::string* payload, size_t limit);
  void Take(std::string_view bytes, std::string* payload, size_t limit);
  bool Step(char c);
  bool StepSize(char c);
  bool StepTrailer(char c);

  BodyLength length_ = BodyLength::kNone;
  State state_ = State::kSize;
  bool done_ = true;
  bool broken_ = false;
  bool saw_cr_ = false;
  int size_digits_ = 0;
  size_t line_bytes_ = 0;
  size_t trailer_bytes_ = 0;
  bool saw_colon_ = false;
  uint64_t left_ = 0;
  uint64_t payload_bytes_ = 0;
};

// One chunk of a chunked body; nothing for no bytes, since an empty chunk is the end.
std::string FormatChunk(std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace murphy::wire
