// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "daemon/config/value.h"

namespace murphy::config {

inline constexpr int kMostSegments = 32;
inline constexpr int kMostNested = 32;

// What toml++ does not say, or not where it is: a dotted key with too many segments (it bounds the
// depth of values but not of keys), values that are nested too deep, and strings that do not end.
std::optional<Slip> Prescan(std::string_view text);

// Position after the string that begins at `at` with its quote; 0: it does not end.
size_t EndOfString(std::string_view text, size_t at);

}  // namespace murphy::config
