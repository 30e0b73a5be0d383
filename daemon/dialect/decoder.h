// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace murphy::dialect {

// Takes content codings (gzip, deflate, br, zstd; several, comma-separated) off a body, as it
// arrives.
class Decoder {
 public:
  virtual ~Decoder() = default;

  // Appends what the bytes decode to. False: they are no such coding, or grow beyond the limit, or
  // more than a real answer does; nothing more can be decoded.
  virtual bool Feed(std::string_view bytes, std::string& out) = 0;
  // The coding has come to its own end.
  virtual bool whole() const = 0;
};

// Whether a Content-Encoding codes anything: `identity`, `none` and an empty one do not.
bool IsCoded(std::string_view content_encoding);

// `limit`: bytes of the whole output. Null for a coding that is not known; for none at all, a
// decoder that passes on what it gets.
std::unique_ptr<Decoder> NewDecoder(std::string_view content_encoding, size_t limit);

}  // namespace murphy::dialect
