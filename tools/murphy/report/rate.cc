// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/report/rate.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

namespace murphy::cli {

Interval WilsonInterval(uint32_t hits, uint32_t runs) {
  if (runs == 0) return {};
  constexpr double kZ = 1.959964;
  const double n = runs, rate = hits / n, z2 = kZ * kZ;
  const double centre = (rate + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ * std::sqrt(rate * (1 - rate) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  return {hits == 0 ? 0 : std::max(0.0, centre - half),
          hits == runs ? 1 : std::min(1.0, centre + half)};
}

std::string ShowRate(uint32_t hits, uint32_t runs) {
  if (runs == 0) return {};
  const Interval interval = WilsonInterval(hits, runs);
  return fmt::format("{:.0f} % ({:.0f} to {:.0f} %)", 100.0 * hits / runs, 100 * interval.low,
                     100 * interval.high);
}

}  // namespace murphy::cli
