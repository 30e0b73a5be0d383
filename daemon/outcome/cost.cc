// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/cost.h"

#include <algorithm>
#include <string>

#include "fmt/format.h"

namespace murphy::outcome {
namespace {

constexpr double kUsualFactor = 1.5;

// What was billed because the injection hit this call; the call itself among it.
void Collect(const History& history, size_t position, const Recovery& recovery,
             std::set<size_t>& billed, std::set<size_t>& wanted) {
  billed.insert(position);
  billed.insert(recovery.followers.begin(), recovery.followers.end());
  if (recovery.success && recovery.success != recovery.check) {
    billed.insert(*recovery.success);
    wanted.insert(*recovery.success);
    return;
  }
  // It was not served: one answer was wanted all the same.
  wanted.insert(history.DearestAttempt(history.at(position).operation()));
}

Spent Balance(const History& history, const std::set<size_t>& billed,
              const std::set<size_t>& wanted) {
  Spent spent;
  for (const size_t position : billed) {
    const v1::Exchange& exchange = history.at(position);
    spent.tokens += BilledTokens(exchange);
    spent.cost += BilledCost(exchange);
    if (!wanted.contains(position)) continue;
    spent.tokens -= TokensOf(exchange);
    spent.cost -= exchange.cost();
  }
  spent.cost = std::max(0.0, spent.cost);
  return spent;
}

std::string Compared(const char* unit, double spent, double usual, double factor) {
  if (usual <= 0 || spent <= usual * factor) return {};
  return fmt::format("it cost {:.6g} {}, {:.2f} times the {:.6g} of runs without faults; {:.6g} is allowed",
                     spent, unit, spent / usual, usual, factor);
}

}  // namespace

Spent ExtraOf(const History& history, const v1::Injection& injection, const Recovery& recovery) {
  const std::optional<size_t> position = history.Find(injection.exchange());
  if (!position) return {};
  std::set<size_t> billed, wanted;
  Collect(history, *position, recovery, billed, wanted);
  return Balance(history, billed, wanted);
}

void Bill::Add(const v1::Injection& injection, const Recovery& recovery) {
  const std::optional<size_t> position = history_.Find(injection.exchange());
  if (position) Collect(history_, *position, recovery, billed_, wanted_);
}

Spent Bill::Extra() const { return Balance(history_, billed_, wanted_); }

std::string TooCostly(const Evidence& evidence, const v1::Outcome& outcome) {
  const v1::Verdict& verdict = evidence.scenario.verdict();
  const double factor = verdict.has_max_cost_factor() ? verdict.max_cost_factor() : kUsualFactor;
  const auto tokens =
      static_cast<double>(outcome.usage().input_tokens() + outcome.usage().output_tokens());
  const bool priced = outcome.has_cost() && outcome.unpriced_models().empty();
  if (evidence.control) {
    const v1::Control& control = *evidence.control;
    if (priced && control.cost() > 0)
      return Compared("dollars", outcome.cost(), control.cost(), factor);
    return Compared("tokens", tokens, control.tokens(), factor);
  }
  // Without a run to compare with, only who names a limit is told what is left without the extra.
  if (!verdict.has_max_cost_factor()) return {};
  const double usual = tokens - static_cast<double>(outcome.recovery_tokens());
  return Compared("tokens", tokens, usual, factor);
}

}  // namespace murphy::outcome
