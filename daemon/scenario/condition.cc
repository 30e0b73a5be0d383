// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/condition.h"

#include <algorithm>

namespace murphy::scenario {

bool SelectsAttempt(const v1::Rule& rule, uint32_t attempt) {
  return rule.attempts_size() != 2 || (rule.attempts(0) <= attempt && attempt <= rule.attempts(1));
}

Series::Series(const v1::Trigger& spec) {
  if (spec.has_first()) most = spec.first();
  if (spec.between_size() == 2) {
    least = std::max<uint64_t>(least, spec.between(0));
    most = std::min<uint64_t>(most, spec.between(1));
  }
  if (spec.has_every()) every = std::max<uint64_t>(1, spec.every());
  if (spec.has_nth()) nth = spec.nth();
  for (const int step : spec.pattern()) pattern.push_back(step == v1::PATTERN_STEP_FAIL);
}

bool Series::selective() const {
  return least > 1 || most != std::numeric_limits<uint64_t>::max() || every > 1 ||
         nth.has_value() || !pattern.empty();
}

bool Series::Selects(uint64_t n) const {
  return least <= n && n <= most && n % every == 0 && (!nth.has_value() || n == *nth) &&
         (pattern.empty() || pattern[(n - 1) % pattern.size()]);
}

bool Series::SelectSomething() const {
  if (nth.has_value()) return Selects(*nth);
  // The multiples of `every` meet the steps of the pattern in a cycle no longer than itself.
  const uint64_t start = (least + every - 1) / every * every;
  const uint64_t cycle = std::max<uint64_t>(1, pattern.size());
  for (uint64_t i = 0; i < cycle; ++i) {
    if (Selects(start + i * every)) return true;
  }
  return false;
}

}  // namespace murphy::scenario
