// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "daemon/scenario/plan.h"
#include "fmt/format.h"

namespace murphy::scenario {

void Plan::IndexTargets() {
  std::map<std::string, uint32_t> twins_of;
  for (uint32_t i = 0; i < targets_.size(); ++i) {
    v1::Target selecting = targets_[i].spec;
    selecting.clear_role();
    selecting.clear_idempotency_key();
    selecting.clear_fallback_for();
    selecting.clear_ignore();
    const auto [twins, first] =
        twins_of.try_emplace(selecting.SerializeAsString(), static_cast<uint32_t>(twins_.size()));
    if (!first) {
      twins_[twins->second].push_back(i);
      continue;
    }
    twins_.push_back({i});
    const std::vector<std::string> names = targets_[i].selector.only_names();
    for (const std::string& name : names) by_name_[name].push_back(twins->second);
    if (names.empty()) unnamed_.push_back(twins->second);
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
  if (found.size() > 1) std::sort(found.begin(), found.end());
  return found;
}

// MCP handshakes match only targets that name them.
void Plan::Index(const Rule& rule) {
  for (int kind = 0; kind < v1::TargetKind_ARRAYSIZE; ++kind) {
    const auto of = static_cast<v1::TargetKind>(kind);
    if (!rule.CanActOn(of)) continue;
    for (const uint32_t target : rule.targets) rules_of_target_[target][kind].push_back(rule.index);
    if (rule.targets.empty() && of != v1::TARGET_KIND_MCP)
      rules_of_none_[kind].push_back(rule.index);
  }
}

std::vector<uint32_t> Plan::RulesFor(const Subject& subject,
                                     const std::vector<uint32_t>& targets) const {
  std::vector<uint32_t> found;
  const v1::TargetKind kind = subject.call.kind;
  // A record may hold anything.
  if (!v1::TargetKind_IsValid(kind)) return found;
  if (!subject.call.telemetry) found = rules_of_none_[kind];
  for (const uint32_t target : targets) {
    const std::vector<uint32_t>& more = rules_of_target_[target][kind];
    if (more.empty()) continue;
    const auto old = static_cast<std::ptrdiff_t>(found.size());
    found.insert(found.end(), more.begin(), more.end());
    // Each part is in order already.
    if (old > 0 && found[old - 1] > found[old])
      std::inplace_merge(found.begin(), found.begin() + old, found.end());
  }
  // A rule of several targets may have met the exchange in more than one.
  if (targets.size() > 1) found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::string Plan::counted_over_runs() const {
  if (const Rule* rule = counts_over_runs()) {
    return fmt::format("the rule `{}` counts over the whole experiment (`count_per = "
                       "\"experiment\"`)",
                       rule->id);
  }
  if (scenario_.guard().has_max_injections_per_experiment())
    return "injections are limited over the whole experiment (guard.max_injections_per_experiment)";
  return {};
}

const Rule* Plan::counts_over_runs() const {
  for (const Rule& rule : rules_) {
    if (rule.count_per.kind == Whose::Kind::kExperiment) return &rule;
  }
  return nullptr;
}

}  // namespace murphy::scenario
