// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace murphy::control {

// Reads along with what an HTTP/2 client sends, and notices a block of header fields (a HEADERS
// frame with its CONTINUATIONs) that is larger than any caller needs. Pure.
class HeaderBlocks {
 public:
  explicit HeaderBlocks(size_t most) : most_(most) {}

  // The next bytes. False: a block is too large, or this is no HTTP/2; nothing more is read.
  bool Read(std::string_view bytes);

 private:
  bool Begin();

  static constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  const size_t most_;
  size_t preface_ = 0;
  // Of the frame that has begun: its head so far, and what is left of its payload.
  std::array<uint8_t, 9> head_ = {};
  size_t head_bytes_ = 0;
  size_t payload_left_ = 0;
  // Bytes of the block that has not ended.
  size_t block_ = 0;
};

}  // namespace murphy::control
