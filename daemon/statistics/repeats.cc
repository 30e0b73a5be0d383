// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/repeats.h"

#include <limits>

namespace murphy::statistics {

double PassAll(uint32_t successes, uint32_t runs, uint32_t k) {
  if (k > runs) return std::numeric_limits<double>::quiet_NaN();
  double chance = 1;
  for (uint32_t i = 0; i < k; ++i) {
    if (successes <= i) return 0;
    chance *= static_cast<double>(successes - i) / (runs - i);
  }
  return chance;
}

double PassAny(uint32_t successes, uint32_t runs, uint32_t k) {
  return 1 - PassAll(runs - successes, runs, k);
}

}  // namespace murphy::statistics
