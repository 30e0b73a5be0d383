// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/triggers.h"

#include <algorithm>

#include "daemon/engine/address.h"

namespace murphy::engine {

Counter::Counter(v1::CountUnit unit, uint64_t last) : last_(last) {
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

Counters::Row& Counters::RowOf(const Counted& counted) {
  std::string key;
  switch (scope_) {
    case v1::COUNTER_SCOPE_AGENT:
      key = BoundedName(counted.agent);
      break;
    case v1::COUNTER_SCOPE_TARGET:
      key = CalledName(counted.call);
      break;
    case v1::COUNTER_SCOPE_UNSPECIFIED:
    case v1::COUNTER_SCOPE_RUN:
    case v1::COUNTER_SCOPE_EXPERIMENT:
    case v1::CounterScope_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::CounterScope_INT_MAX_SENTINEL_DO_NOT_USE_:
      return common_;
  }
  if (rows_.size() >= kMostScopes && !rows_.contains(key)) return common_;
  return rows_[key];
}

std::vector<uint64_t> Counters::Numbers() const {
  std::vector<uint64_t> numbers;
  for (const Counter& counter : common_) numbers.push_back(counter.last());
  return numbers;
}

void Counters::Continue(const std::vector<uint64_t>& numbers) {
  common_.clear();
  for (const uint64_t number : numbers) common_.emplace_back(unit_, number);
}

uint64_t Counters::Number(uint32_t condition, const Counted& counted) {
  Row& row = RowOf(counted);
  while (row.size() <= condition) row.emplace_back(unit_);
  return row[condition].Number(counted.operation);
}

namespace {

// Some (all) of the conditions let the exchange through. All that count are asked.
bool AnyHolds(const std::vector<scenario::Condition>& conditions, const Question& question,
              const Draw& draw, Counters& counters) {
  bool holds = false;
  for (const scenario::Condition& condition : conditions) {
    if (holds && !condition.counts) continue;
    holds |= Ask(condition, question, draw, counters) == Step::kLimits;
  }
  return holds;
}

bool AllHold(const std::vector<scenario::Condition>& conditions, const Question& question,
             const Draw& draw, Counters& counters) {
  bool hold = true;
  for (const scenario::Condition& condition : conditions) {
    if (!hold && !condition.counts) continue;
    hold &= Ask(condition, question, draw, counters) == Step::kLimits;
  }
  return hold;
}

}  // namespace

Step Ask(const scenario::Condition& condition, const Question& question, const Draw& draw,
         Counters& counters) {
  if (condition.after.has_value() && !question.progress.Reached(*condition.after, question.now))
    return Step::kAfter;
  if (condition.on >= 0 && !question.occurrences.Holds(static_cast<uint32_t>(condition.on),
                                                       question.now, question.sequence))
    return Step::kOn;
  if (condition.where >= 0 && !question.content.Matches(static_cast<uint32_t>(condition.where)))
    return Step::kWhere;
  const bool any = condition.any.empty() || AnyHolds(condition.any, question, draw, counters);
  const bool all = AllHold(condition.all, question, draw, counters);
  const bool none = !AnyHolds(condition.none, question, draw, counters);
  if (!any || !all || !none) return Step::kCombination;
  if (condition.series.selective() &&
      !condition.series.Selects(counters.Number(condition.index, question.counted)))
    return Step::kCounters;
  if (condition.probability.has_value() && draw.Unit(condition.stream) >= *condition.probability)
    return Step::kProbability;
  return Step::kLimits;
}

}  // namespace murphy::engine
