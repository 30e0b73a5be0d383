// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/scenario/check.h"
#include "daemon/scenario/plan.h"

namespace murphy::scenario {
std::shared_ptr<const Plan> Plan::Compile(const v1::Scenario& scenario, uint64_t seed,
                                          std::vector<Mistake>& mistakes) {
  const size_t known = mistakes.size();
  Check(scenario, mistakes);
  if (mistakes.size() > known) return nullptr;
  auto plan = std::make_shared<Plan>();
  plan->scenario_ = scenario;
  plan->seed_ = seed;
  plan->AddTargets();
  plan->AddPhases();
  plan->AddCauses();
  plan->AddRules();
  plan->AddGroups();
  plan->wheres_.Prepare();
  plan->IndexTargets();
  return plan;
}

void Plan::AddTargets() {
  for (const auto& [name, spec] : scenario_.target()) {
    targets_.push_back({.name = name, .spec = spec, .selector = Selector(spec)});
  }
  // The order of a protobuf map differs from process to process.
  std::sort(targets_.begin(), targets_.end(),
            [](const Target& a, const Target& b) { return a.name < b.name; });
  for (Target& target : targets_) {
    if (target.spec.has_fallback_for()) {
      target.fallback_for = TargetIndex(target.spec.fallback_for());
    }
  }
  for (const v1::StopCondition& stop : scenario_.guard().stop())
    stops_of_.push_back(stop.has_of() ? TargetIndex(stop.of()) : -1);
}

namespace {

// All conditions on content in a tree of conditions.
void NoteWheres(const Condition& condition, std::vector<uint32_t>& wheres) {
  if (condition.where >= 0) wheres.push_back(static_cast<uint32_t>(condition.where));
  for (const auto* list : {&condition.any, &condition.all, &condition.none}) {
    for (const Condition& part : *list) NoteWheres(part, wheres);
  }
}

}  // namespace

void Plan::AddRules() {
  rules_of_target_.resize(targets_.size());
  for (const v1::Rule& spec : scenario_.rule()) {
    Rule& rule = rules_.emplace_back();
    rule.index = static_cast<uint32_t>(rules_.size() - 1);
    rule.id = RuleId(spec, rule.index);
    for (const std::string& target : spec.target())
      rule.targets.push_back(static_cast<uint32_t>(TargetIndex(target)));
    if (spec.has_phase()) rule.phase = PhaseIndex(spec.phase());
    rule.spec = spec;
    rule.inert = spec.when().has_probability() && spec.when().probability() <= 0;
    AddVariants(rule);
    rule.count_per = WhoseOf(spec.count_per(), carriers_);
    rule.when = Compiled(spec.when());
    if (rule.inert) continue;
    NoteWheres(rule.when, rule.wheres);
    Index(rule);
  }
}

int Plan::TargetIndex(std::string_view name) const {
  const auto found =
      std::lower_bound(targets_.begin(), targets_.end(), name,
                       [](const Target& target, std::string_view n) { return target.name < n; });
  return found != targets_.end() && found->name == name ? static_cast<int>(found - targets_.begin())
                                                        : -1;
}

int Plan::PhaseIndex(std::string_view name) const {
  const auto found = std::find_if(phases_.begin(), phases_.end(),
                                  [&](const Phase& phase) { return phase.name == name; });
  return found != phases_.end() ? static_cast<int>(found - phases_.begin()) : -1;
}

}  // namespace murphy::scenario
