// SPDX-License-Identifier: Apache-2.0
#include "daemon/analysis/costs.h"

#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "daemon/analysis/share.h"

namespace murphy::analysis {
namespace {

// Geometric mean of ratios; the interval is that of the mean of their logarithms.
std::optional<v1::Estimate> PairedRatio(const outcome::Arms& arms) {
  std::map<uint32_t, double> twins;
  for (const v1::Run* run : arms.shadow) twins[run->index()] = TokensOf(*run);
  std::vector<double> logs;
  for (const v1::Run* run : arms.treatment) {
    const auto twin = twins.find(run->index());
    const double tokens = TokensOf(*run);
    if (twin != twins.end() && twin->second > 0 && tokens > 0)
      logs.push_back(std::log(tokens / twin->second));
  }
  if (logs.empty()) return std::nullopt;
  const auto count = static_cast<double>(logs.size());
  double mean = 0;
  for (const double log : logs) mean += log / count;
  double squares = 0;
  for (const double log : logs) squares += (log - mean) * (log - mean);
  const double half = count < 2 ? INFINITY : statistics::kZ95 * std::sqrt(squares / (count - 1) / count);
  return EstimateOf(std::exp(mean), {std::exp(mean - half), std::exp(mean + half)});
}

}  // namespace

v1::CostFigures Costs(const outcome::Arms& arms) {
  v1::CostFigures costs;
  std::vector<double> tokens;
  double all = 0;
  double dollars = 0;
  for (const v1::Run* run : arms.treatment) {
    tokens.push_back(TokensOf(*run));
    all += tokens.back();
    dollars += run->outcome().cost();
  }
  costs.set_median_tokens(Quantile(tokens, 0.5));
  costs.set_p95_tokens(Quantile(tokens, 0.95));
  if (auto ratio = PairedRatio(arms)) *costs.mutable_paired_ratio() = *ratio;
  if (const uint32_t good = GoodRuns(arms.treatment).of; good > 0) {
    costs.set_tokens_per_good_run(all / good);
    if (dollars > 0) costs.set_cost_per_good_run(dollars / good);
  }
  return costs;
}

}  // namespace murphy::analysis
