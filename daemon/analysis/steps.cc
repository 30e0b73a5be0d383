// SPDX-License-Identifier: Apache-2.0
#include "daemon/analysis/steps.h"

#include "daemon/analysis/share.h"
#include "daemon/outcome/history.h"
#include "daemon/statistics/compound.h"

namespace murphy::analysis {
namespace {

// Names that an agent makes up are not steps of their own without end.
constexpr size_t kMostSteps = 1000;

std::string NameOf(const v1::Exchange& exchange) {
  if (exchange.targets_size() > 0) return exchange.targets(0);
  return exchange.name().empty() ? exchange.route() : exchange.name();
}

}  // namespace

// What replaces or revises a call is recovery, and no step that the task has by itself.
void Steps::Add(const std::vector<v1::Exchange>& exchanges) {
  ++runs_;
  for (const v1::Exchange& exchange : exchanges) {
    const bool recovers = !exchange.fallback_of().empty() || !exchange.revision_of().empty() ||
                          exchange.repeat() || exchange.resumed();
    if (exchange.attempt() > 1 || recovers || exchange.late()) continue;
    std::string name = NameOf(exchange);
    if (first_attempts_.size() >= kMostSteps && !first_attempts_.contains(name)) name.clear();
    statistics::Count& count = first_attempts_[name];
    ++count.all;
    if (!outcome::Broken(exchange)) ++count.of;
  }
}

std::optional<v1::CompoundReliability> Steps::Compound(statistics::Count good) const {
  if (first_attempts_.empty() || good.all == 0) return std::nullopt;
  std::vector<statistics::Step> steps;
  double operations = 0;
  for (const auto& [name, count] : first_attempts_) {
    steps.push_back({count, static_cast<double>(count.all) / runs_});
    operations += steps.back().times;
  }
  const statistics::Compound found = statistics::CompoundReliability(steps, good);
  v1::CompoundReliability compound;
  compound.set_predicted(found.predicted);
  compound.set_observed(found.observed);
  if (found.predicted > 0) *compound.mutable_ratio() = EstimateOf(found.ratio, found.interval);
  compound.set_operations(operations);
  return compound;
}

}  // namespace murphy::analysis
