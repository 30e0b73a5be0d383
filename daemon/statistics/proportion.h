// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace murphy::statistics {

struct Interval {
  double low;
  double high;
};

// Normal quantiles: both sides of 95 %, and a power of 80 %.
inline constexpr double kZ95 = 1.959963984540054;
inline constexpr double kZPower80 = 0.8416212335729143;

// So many of so many.
struct Count {
  uint32_t of = 0;
  uint32_t all = 0;

  double rate() const { return all == 0 ? 0 : static_cast<double>(of) / all; }
};

// Wilson's interval for a proportion, 95 %.
Interval Wilson(Count count);

// Newcombe's interval for `a` minus `b`, two independent proportions, 95 %: built of Wilson's, and as
// good near 0 and 1 as they are (Statistics in Medicine 17, 1998, method 10).
Interval Difference(Count a, Count b);

// 95 % upper bound on a rate of which nothing was seen.
double UnseenBound(uint32_t runs);

// The smallest drop from `rate` that `runs` in each of two arms would find in four of five
// experiments, at the usual 5 %. `correlation` is that of pairs, 0 for arms that are not paired.
// 1 where no drop is large enough.
double SmallestDrop(uint32_t runs, double rate, double correlation = 0);

}  // namespace murphy::statistics
