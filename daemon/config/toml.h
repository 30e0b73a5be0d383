// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "daemon/config/value.h"

namespace murphy::config {

inline constexpr size_t kLongestText = 1 << 20;

// Parses TOML. The parser stops at its first mistake, so there is at most one; then the table is
// empty.
Value ParseToml(std::string_view text, std::vector<Slip>& slips);

}  // namespace murphy::config
