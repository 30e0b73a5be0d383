// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/many.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace murphy::statistics {

std::vector<size_t> Discoveries(const std::vector<double>& log_evidence, double alpha) {
  std::vector<size_t> order(log_evidence.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return log_evidence[a] > log_evidence[b]; });
  const auto needed = [&](size_t kept) {
    return std::log(static_cast<double>(order.size()) / (static_cast<double>(kept) * alpha));
  };
  size_t kept = order.size();
  while (kept > 0 && log_evidence[order[kept - 1]] < needed(kept)) --kept;
  order.resize(kept);
  return order;
}

}  // namespace murphy::statistics
