// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "daemon/dialect/dialects.h"

// Input: a Content-Encoding, a newline, a body. Whatever comes out is within the limit.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  constexpr size_t kLimit = 1 << 20;
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const size_t newline = input.find('\n');
  if (newline == std::string_view::npos) return 0;
  const auto text =
      murphy::dialect::Decode(input.substr(0, newline), input.substr(newline + 1), kLimit);
  if (text && text->size() > kLimit) std::abort();
  return 0;
}
