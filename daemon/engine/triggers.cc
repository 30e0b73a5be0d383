// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/triggers.h"

namespace murphy::engine {

bool SelectsAttempt(const v1::Rule& rule, uint32_t attempt) {
  return rule.attempts_size() != 2 || (rule.attempts(0) <= attempt && attempt <= rule.attempts(1));
}

bool SelectsNumber(const v1::Trigger& trigger, uint64_t n) {
  if (trigger.has_first() && n > trigger.first()) return false;
  if (trigger.has_nth() && n != trigger.nth()) return false;
  if (trigger.has_every() && n % trigger.every() != 0) return false;
  return trigger.between_size() != 2 || (trigger.between(0) <= n && n <= trigger.between(1));
}

bool SelectsByChance(const v1::Trigger& trigger, const Draw& draw) {
  return !trigger.has_probability() || draw.Unit("probability") < trigger.probability();
}

Counter::Counter(v1::CountUnit unit) {
  if (unit == v1::COUNT_UNIT_OPERATIONS) operations_ = std::make_unique<Operations>();
}

uint64_t Counter::Number(uint64_t operation) {
  if (operations_ == nullptr) return ++last_;
  const auto [entry, fresh] = operations_->numbers.try_emplace(operation, last_ + 1);
  const uint64_t number = entry->second;
  if (!fresh) return number;
  ++last_;
  operations_->order.push_back(operation);
  if (operations_->order.size() > kRemembered) {
    operations_->numbers.erase(operations_->order.front());
    operations_->order.pop_front();
  }
  return number;
}

}  // namespace murphy::engine
