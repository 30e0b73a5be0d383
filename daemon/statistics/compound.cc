// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/compound.h"

#include <cmath>

namespace murphy::statistics {
namespace {

// log of a rate that neither 0 nor 1 makes infinite or certain, and its variance.
struct LogRate {
  double value;
  double variance;
};

LogRate LogOf(Count count) {
  const double n = count.all + 1.0;
  const double rate = (count.of + 0.5) / n;
  return {std::log(rate), (1 - rate) / (rate * n)};
}

}  // namespace

Compound CompoundReliability(const std::vector<Step>& steps, Count runs) {
  Compound found;
  LogRate seen = LogOf(runs);
  double log_ratio = seen.value;
  double variance = seen.variance;
  for (const Step& step : steps) {
    found.predicted *= std::pow(step.attempts.rate(), step.times);
    const LogRate log_rate = LogOf(step.attempts);
    log_ratio -= step.times * log_rate.value;
    variance += step.times * step.times * log_rate.variance;
  }
  found.observed = runs.rate();
  found.ratio = found.predicted > 0 ? found.observed / found.predicted : 0;
  const double half = kZ95 * std::sqrt(variance);
  found.interval = {std::exp(log_ratio - half), std::exp(log_ratio + half)};
  return found;
}

}  // namespace murphy::statistics
