// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace murphy::cli {

struct Interval {
  double low = 0;
  double high = 1;
};

// The 95 % interval of a rate of which `hits` were seen in `runs` (Wilson); everything where there
// was none.
Interval WilsonInterval(uint32_t hits, uint32_t runs);

// `12 % (4 to 31 %)`; empty without runs.
std::string ShowRate(uint32_t hits, uint32_t runs);

}  // namespace murphy::cli
