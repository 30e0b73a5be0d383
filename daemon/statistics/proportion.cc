// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/proportion.h"

#include <algorithm>
#include <cmath>

namespace murphy::statistics {
namespace {

// Runs of each arm that find a drop from `rate` to `lower`.
double RunsFor(double rate, double lower, double correlation) {
  const double drop = rate - lower;
  const double spread = rate * (1 - rate) + lower * (1 - lower);
  const double shared =
      2 * correlation * std::sqrt(rate * (1 - rate) * lower * (1 - lower));
  const double middle = (rate + lower) / 2;
  // Under "no drop", and under the drop.
  const double null_spread = correlation == 0 ? 2 * middle * (1 - middle) : spread - shared;
  const double real_spread = spread - shared - (correlation == 0 ? 0 : drop * drop);
  const double z = kZ95 * std::sqrt(std::max(0.0, null_spread)) +
                   kZPower80 * std::sqrt(std::max(0.0, real_spread));
  return z * z / (drop * drop);
}

}  // namespace

Interval Wilson(Count count) {
  if (count.all == 0) return {0, 1};
  const double n = count.all;
  const double rate = count.rate();
  const double scale = 1 + kZ95 * kZ95 / n;
  const double centre = (rate + kZ95 * kZ95 / (2 * n)) / scale;
  const double half =
      kZ95 / scale * std::sqrt(rate * (1 - rate) / n + kZ95 * kZ95 / (4 * n * n));
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

Interval Difference(Count a, Count b) {
  const Interval of_a = Wilson(a);
  const Interval of_b = Wilson(b);
  const double difference = a.rate() - b.rate();
  const double below = std::hypot(a.rate() - of_a.low, of_b.high - b.rate());
  const double above = std::hypot(of_a.high - a.rate(), b.rate() - of_b.low);
  return {std::max(-1.0, difference - below), std::min(1.0, difference + above)};
}

double UnseenBound(uint32_t runs) { return runs == 0 ? 1 : 1 - std::pow(0.05, 1.0 / runs); }

double SmallestDrop(uint32_t runs, double rate, double correlation) {
  double low = 0;
  double high = rate;
  if (runs == 0 || rate <= 0 || RunsFor(rate, 0, correlation) > runs) return 1;
  for (int i = 0; i < 60; ++i) {
    const double drop = (low + high) / 2;
    (RunsFor(rate, rate - drop, correlation) > runs ? low : high) = drop;
  }
  return high;
}

}  // namespace murphy::statistics
