// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace murphy {

// A long run of letters and digits in a segment of a path: an id or a token, and nothing that
// somebody has named.
inline bool HoldsToken(std::string_view segment) {
  constexpr size_t kLong = 16;
  size_t length = 0, digits = 0;
  for (const char c : segment) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!digit && !letter) {
      length = digits = 0;
      continue;
    }
    ++length;
    digits += digit ? 1 : 0;
    if (length >= kLong && digits > 0 && digits < length) return true;
  }
  return false;
}

}  // namespace murphy
