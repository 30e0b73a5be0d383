// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "daemon/scenario/plan.h"

namespace murphy::scenario {

void Plan::IndexTargets() {
  std::map<std::string, uint32_t> twins_of;
  for (uint32_t i = 0; i < targets_.size(); ++i) {
    v1::Target selecting = targets_[i].spec;
    selecting.clear_role();
    selecting.clear_idempotency_key();
    selecting.clear_fallback_for();
    const auto [twins, first] =
        twins_of.try_emplace(selecting.SerializeAsString(), static_cast<uint32_t>(twins_.size()));
    if (!first) {
      twins_[twins->second].push_back(i);
      continue;
    }
    twins_.push_back({i});
    const auto name = targets_[i].selector.only_name();
    (name.has_value() ? by_name_[std::string(*name)] : unnamed_).push_back(twins->second);
  }
}

std::vector<uint32_t> Plan::TargetsOf(const Subject& subject) const {
  std::vector<uint32_t> found;
  const auto test = [&](const std::vector<uint32_t>& candidates) {
    for (const uint32_t candidate : candidates) {
      const Twins& twins = twins_[candidate];
      if (!targets_[twins.front()].Matches(subject)) continue;
      found.insert(found.end(), twins.begin(), twins.end());
    }
  };
  const auto named = by_name_.find(subject.call.name);
  if (named != by_name_.end()) test(named->second);
  test(unnamed_);
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<uint32_t> Plan::RulesFor(const Subject& subject,
                                     const std::vector<uint32_t>& targets) const {
  std::vector<uint32_t> found;
  const v1::TargetKind kind = subject.call.kind;
  for (const uint32_t target : targets) {
    for (const uint32_t rule : rules_of_target_[target]) {
      if (CanActOn(rules_[rule].info.scope(), kind)) found.push_back(rule);
    }
  }
  if (!subject.call.telemetry && kind != v1::TARGET_KIND_MCP) {
    for (int scope = 0; scope < v1::Scope_ARRAYSIZE; ++scope) {
      if (!CanActOn(static_cast<v1::Scope>(scope), kind)) continue;
      found.insert(found.end(), rules_of_scope_[scope].begin(), rules_of_scope_[scope].end());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

const Rule* Plan::counts_over_runs() const {
  for (const Rule& rule : rules_) {
    if (rule.spec.count_per() == v1::COUNTER_SCOPE_EXPERIMENT) return &rule;
  }
  return nullptr;
}

}  // namespace murphy::scenario
