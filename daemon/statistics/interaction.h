// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "daemon/statistics/proportion.h"

namespace murphy::statistics {

// Successes without faults, under the first, under the second, and under both.
struct Arms2x2 {
  Count neither;
  Count first;
  Count second;
  Count both;
};

// What two faults do together beyond what each does alone, as a logarithm: ln s(AB) + ln s(0) -
// ln s(A) - ln s(B) (the null of Bliss 1939). 0: each acts by itself. Below: they make each other
// worse (synergy). Above: one hides the other.
struct Interaction {
  double value = 0;
  // Of resampled runs, 95 %.
  Interval interval{0, 0};
};

// The same seed gives the same interval.
Interaction InteractionOf(const Arms2x2& arms, uint64_t seed, uint32_t resamples = 2000);

}  // namespace murphy::statistics
