// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "daemon/config/value.h"

namespace murphy::config {

inline constexpr int kMostSegments = 32;

// The first mistake that toml++ must not see: it bounds the depth of values but not of dotted keys,
// and it does not survive every character outside of strings and comments.
std::optional<Slip> Prescan(std::string_view text);

}  // namespace murphy::config
