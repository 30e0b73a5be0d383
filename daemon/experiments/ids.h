// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace murphy::experiments {

// 14 characters of [0-9a-z], for URLs and file names; later ones sort after earlier ones (to the
// millisecond).
std::string NewId();

// A seed that is short enough to be typed again.
uint64_t NewSeed();

}  // namespace murphy::experiments
