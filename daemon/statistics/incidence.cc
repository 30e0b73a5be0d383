// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/incidence.h"

#include <algorithm>
#include <limits>

namespace murphy::statistics {

Incidence::Incidence(std::vector<Passage> passages) {
  // Whoever is censored at a time was still there when the others of that time passed on.
  std::sort(passages.begin(), passages.end(), [](const Passage& a, const Passage& b) {
    return a.at != b.at ? a.at < b.at : (a.outcome != 0 && b.outcome == 0);
  });
  double open = 1;
  size_t at_risk = passages.size();
  for (size_t i = 0; i < passages.size();) {
    const double at = passages[i].at;
    const double before = open;
    size_t passed = 0;
    size_t gone = 0;
    size_t next = i;
    for (; next < passages.size() && passages[next].at == at; ++next) {
      ++gone;
      if (passages[next].outcome == 0) continue;
      ++passed;
      steps_.push_back({at, passages[next].outcome, before / static_cast<double>(at_risk), 0});
    }
    open *= 1 - static_cast<double>(passed) / static_cast<double>(at_risk);
    for (size_t step = steps_.size() - passed; step < steps_.size(); ++step)
      steps_[step].open_after = open;
    at_risk -= gone;
    i = next;
  }
}

double Incidence::At(double time, uint32_t outcome) const {
  double sum = 0;
  for (const Step& step : steps_) {
    if (step.at > time) break;
    if (step.outcome == outcome) sum += step.risen;
  }
  return sum;
}

double Incidence::RestrictedMean(double until) const {
  double mean = 0;
  double open = 1;
  double since = 0;
  for (const Step& step : steps_) {
    if (step.at > until) break;
    mean += open * (step.at - since);
    since = step.at;
    open = step.open_after;
  }
  return mean + open * (until - since);
}

double Incidence::Median(uint32_t outcome) const {
  double sum = 0;
  for (const Step& step : steps_) {
    if (step.outcome != outcome) continue;
    sum += step.risen;
    // Sums of n-ths fall short of the half by rounding.
    if (sum >= 0.5 - 1e-12) return step.at;
  }
  return std::numeric_limits<double>::infinity();
}

}  // namespace murphy::statistics
