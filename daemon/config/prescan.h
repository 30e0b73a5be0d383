// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "daemon/config/value.h"

namespace murphy::config {

inline constexpr int kMostSegments = 32;

// A dotted key with more segments than that: toml++ bounds the depth of values but not of keys.
std::optional<Slip> Prescan(std::string_view text);

}  // namespace murphy::config
