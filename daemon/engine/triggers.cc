// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/triggers.h"

#include "daemon/scenario/plan.h"

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

Counters::Counters(const scenario::Rule& rule)
    : unit_(rule.spec.count()), per_(rule.count_per.kind) {}

bool Counters::has_rows() const {
  using Kind = scenario::Whose::Kind;
  return per_ != Kind::kExchange && per_ != Kind::kRun && per_ != Kind::kExperiment;
}

Counters::Row& Counters::RowOf(const Counted& counted) {
  if (!counted.holder.has_value()) return common_;
  const uint64_t holder = *counted.holder;
  const auto known = rows_.find(holder);
  if (known != rows_.end()) return known->second;
  if (per_ != scenario::Whose::Kind::kOperation)
    return rows_.size() < kMostHolders ? rows_[holder] : common_;
  order_.push_back(holder);
  if (order_.size() > kMostOperations) {
    rows_.erase(order_.front());
    order_.pop_front();
  }
  return rows_[holder];
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
              const Draws& draws, Counters& counters) {
  bool holds = false;
  for (const scenario::Condition& condition : conditions) {
    if (holds && !condition.counts) continue;
    holds |= Ask(condition, question, draws, counters) == Step::kLimits;
  }
  return holds;
}

bool AllHold(const std::vector<scenario::Condition>& conditions, const Question& question,
             const Draws& draws, Counters& counters) {
  bool hold = true;
  for (const scenario::Condition& condition : conditions) {
    if (!hold && !condition.counts) continue;
    hold &= Ask(condition, question, draws, counters) == Step::kLimits;
  }
  return hold;
}

bool FollowsCause(const scenario::Condition& condition, const Causes& causes, const Draws& draws) {
  if (condition.cause < 0) return true;
  const bool on = causes.On(static_cast<uint32_t>(condition.cause));
  const double chance = on ? condition.cause_on : condition.cause_off;
  return draws.own().Unit(condition.cause_stream) < chance;
}

bool IsDrawn(const scenario::Condition& condition, const Draws& draws) {
  if (!condition.probability.has_value()) return true;
  const std::optional<Draw> draw = draws.Of(condition.per);
  return draw.has_value() && draw->Unit(condition.stream) < *condition.probability;
}

}  // namespace

Step Ask(const scenario::Condition& condition, const Question& question, const Draws& draws,
         Counters& counters) {
  if (!FollowsCause(condition, question.causes, draws)) return Step::kCause;
  if (condition.after.has_value() && !question.progress.Reached(*condition.after, question.now))
    return Step::kAfter;
  if (condition.on >= 0 && !question.occurrences.Holds(static_cast<uint32_t>(condition.on),
                                                       question.now, question.sequence))
    return Step::kOn;
  if (condition.where >= 0 && !question.content.Matches(static_cast<uint32_t>(condition.where)))
    return Step::kWhere;
  const bool any = condition.any.empty() || AnyHolds(condition.any, question, draws, counters);
  const bool all = AllHold(condition.all, question, draws, counters);
  const bool none = !AnyHolds(condition.none, question, draws, counters);
  if (!any || !all || !none) return Step::kCombination;
  if (condition.series.selective() &&
      !condition.series.Selects(counters.Number(condition.index, question.counted)))
    return Step::kCounters;
  return IsDrawn(condition, draws) ? Step::kLimits : Step::kProbability;
}

}  // namespace murphy::engine
