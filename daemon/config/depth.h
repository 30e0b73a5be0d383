// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "daemon/config/reader.h"

namespace murphy::config {

inline constexpr int kMostSegments = 32;

// Where a dotted key of a TOML text has too many segments: toml++ bounds the depth of values, but
// not of keys.
std::optional<Location> TooManySegments(std::string_view text);

}  // namespace murphy::config
