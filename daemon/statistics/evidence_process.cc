// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/evidence_process.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace murphy::statistics {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// 0 · log 0 is 0.
double Scaled(double count, double log_rate) { return count == 0 ? 0 : count * log_rate; }

double LogGamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

// log b(k; n, p)
double LogPoint(uint32_t n, uint32_t k, double p) {
  const double ways = LogGamma(n + 1.0) - LogGamma(k + 1.0) - LogGamma(n - k + 1.0);
  return ways + Scaled(k, std::log(p)) + Scaled(n - k, std::log1p(-p));
}

// log of b(from; n, p) + … + b(to; n, p), term from term.
double LogSum(uint32_t n, uint32_t from, uint32_t to, double p) {
  if (p <= 0) return from == 0 ? 0 : -kInfinity;
  if (p >= 1) return to == n ? 0 : -kInfinity;
  const double log_odds = std::log(p) - std::log1p(-p);
  double term = LogPoint(n, from, p);
  double largest = term;
  double scaled = 1;  // the sum, divided by its largest term so far
  for (uint32_t k = from; k < to; ++k) {
    term += std::log(static_cast<double>(n - k) / (k + 1.0)) + log_odds;
    if (term > largest) {
      scaled = scaled * std::exp(largest - term) + 1;
      largest = term;
    } else {
      scaled += std::exp(term - largest);
    }
  }
  return largest + std::log(scaled);
}

}  // namespace

double LogEvidenceOfFailure(uint32_t runs, uint32_t violations, double p0) {
  if (p0 >= 1) return -kInfinity;
  const double point = LogPoint(runs, violations, p0);
  if (std::isinf(point)) return kInfinity;
  return LogSum(runs + 1, 0, violations, p0) - std::log(runs + 1.0) - std::log1p(-p0) - point;
}

double LogEvidenceOfSuccess(uint32_t runs, uint32_t violations, double p1) {
  if (p1 <= 0) return -kInfinity;
  const double point = LogPoint(runs, violations, p1);
  if (std::isinf(point)) return kInfinity;
  return LogSum(runs + 1, violations + 1, runs + 1, p1) - std::log(runs + 1.0) - std::log(p1) -
         point;
}

Interval AnytimeInterval(Count violations) {
  const double rejected = std::log(2 / 0.05);
  // Evidence against a rate falls towards the rate that was seen, from either side.
  const auto edge = [&](double inside, double outside, auto evidence) {
    for (int i = 0; i < 50; ++i) {
      const double middle = (inside + outside) / 2;
      (evidence(violations.all, violations.of, middle) >= rejected ? outside : inside) = middle;
    }
    return outside;
  };
  const double seen = violations.rate();
  return {violations.of == 0 ? 0 : edge(seen, 0.0, LogEvidenceOfFailure),
          violations.of == violations.all ? 1 : edge(seen, 1.0, LogEvidenceOfSuccess)};
}

}  // namespace murphy::statistics
