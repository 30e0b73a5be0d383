// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "daemon/statistics/proportion.h"

namespace murphy::statistics {

// Chance to see a rate of `a` that is above that of `b` by as much, or more, if both are the same:
// Fisher's exact test, one side.
double ChanceOfExcess(Count a, Count b);

// The same for values that tend to be larger in `a`: Wilcoxon's rank sum, with ties, by the normal
// approximation and its correction for continuity. 1 where a group has fewer than five.
double ChanceOfShift(const std::vector<double>& a, const std::vector<double>& b);

// Which of several hypotheses can be given up so that the chance that any of them is wrongly is at
// most `alpha` (Holm 1979). Places of p-values.
std::vector<size_t> Rejected(const std::vector<double>& chances, double alpha);

}  // namespace murphy::statistics
