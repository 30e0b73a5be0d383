// SPDX-License-Identifier: Apache-2.0
#include "daemon/analysis/share.h"

#include <algorithm>
#include <cmath>

#include "daemon/outcome/mark.h"

namespace murphy::analysis {

v1::Share ShareOf(statistics::Count count) {
  v1::Share share;
  share.set_of(count.of);
  share.set_all(count.all);
  *share.mutable_rate() = EstimateOf(count.rate(), statistics::Wilson(count));
  return share;
}

v1::Estimate EstimateOf(double value, statistics::Interval interval) {
  v1::Estimate estimate;
  estimate.set_value(value);
  estimate.set_low(interval.low);
  estimate.set_high(interval.high);
  return estimate;
}

statistics::Count GoodRuns(const std::vector<const v1::Run*>& runs) {
  statistics::Count good;
  for (const v1::Run* run : runs) {
    const outcome::Mark mark = outcome::MarkOf(run->outcome());
    if (mark == outcome::Mark::kGood) ++good.of;
    if (mark == outcome::Mark::kGood || mark == outcome::Mark::kViolation) ++good.all;
  }
  return good;
}

double TokensOf(const v1::Run& run) {
  const v1::Usage& usage = run.outcome().usage();
  return static_cast<double>(usage.input_tokens() + usage.output_tokens());
}

double Quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - std::floor(place)) * (values[above] - values[below]);
}

}  // namespace murphy::analysis
