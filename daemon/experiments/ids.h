// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace murphy::experiments {

// 14 characters of [0-9a-z], for URLs and file names; later ones sort after earlier ones (to the
// millisecond).
std::string NewId();

// Whether it could be one of those, or the run `default`.
bool IsId(std::string_view text);

// A seed that is short enough to be typed again.
uint64_t NewSeed();

}  // namespace murphy::experiments
