// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/statistics/proportion.h"

namespace murphy::statistics {

// What a chain of steps comes to if each fails by itself, beside what was seen. A ratio above 1:
// recovery makes up for failed steps. Below: failures bring on others.
struct Compound {
  double predicted = 1;
  double observed = 0;
  double ratio = 0;
  // Of the ratio, 95 %, by the delta method on logarithms (Agresti-Caffo's correction at 0 and 1).
  Interval interval{0, 0};
};

// A step of the chain: attempts that went well, of those that were made, and how many times it is
// taken in a run.
struct Step {
  Count attempts;
  double times = 1;
};

// `runs`: those that went well.
Compound CompoundReliability(const std::vector<Step>& steps, Count runs);

}  // namespace murphy::statistics
