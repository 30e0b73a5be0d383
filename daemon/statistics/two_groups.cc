// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/two_groups.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace murphy::statistics {
namespace {

double LogGamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

double LogWays(double n, double k) {
  return LogGamma(n + 1) - LogGamma(k + 1) - LogGamma(n - k + 1);
}

struct Ranked {
  double value;
  bool of_a;
};

}  // namespace

double ChanceOfExcess(Count a, Count b) {
  const double hits = a.of + b.of;
  const double all = a.all + b.all;
  double chance = 0;
  for (double of_a = a.of; of_a <= std::min<double>(a.all, hits); ++of_a) {
    if (hits - of_a > b.all) continue;
    chance += std::exp(LogWays(a.all, of_a) + LogWays(b.all, hits - of_a) - LogWays(all, hits));
  }
  return std::min(1.0, chance);
}

double ChanceOfShift(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr size_t kFewest = 5;
  if (a.size() < kFewest || b.size() < kFewest) return 1;
  std::vector<Ranked> ranked;
  for (const double value : a) ranked.push_back({value, true});
  for (const double value : b) ranked.push_back({value, false});
  std::sort(ranked.begin(), ranked.end(),
            [](const Ranked& x, const Ranked& y) { return x.value < y.value; });
  const double size_a = static_cast<double>(a.size());
  const double size_b = static_cast<double>(b.size());
  const double all = size_a + size_b;
  double sum = 0;
  double ties = 0;
  for (size_t i = 0; i < ranked.size();) {
    size_t end = i;
    while (end < ranked.size() && ranked[end].value == ranked[i].value) ++end;
    const double rank = (static_cast<double>(i + end) + 1) / 2;
    const double tied = static_cast<double>(end - i);
    ties += tied * tied * tied - tied;
    for (; i < end; ++i) sum += ranked[i].of_a ? rank : 0;
  }
  const double expected = size_a * (all + 1) / 2;
  const double variance = size_a * size_b / 12 * ((all + 1) - ties / (all * (all - 1)));
  if (variance <= 0) return 1;
  const double z = (sum - expected - 0.5) / std::sqrt(variance);
  return std::erfc(z / std::sqrt(2.0)) / 2;
}

std::vector<size_t> Rejected(const std::vector<double>& chances, double alpha) {
  std::vector<size_t> order(chances.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return chances[a] < chances[b]; });
  size_t kept = 0;
  while (kept < order.size() &&
         chances[order[kept]] <= alpha / static_cast<double>(order.size() - kept))
    ++kept;
  order.resize(kept);
  return order;
}

}  // namespace murphy::statistics
