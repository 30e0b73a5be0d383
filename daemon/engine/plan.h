// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "faults/fault.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::engine {

// What a target is matched against.
struct Subject {
  const message::Call& call;
  std::string_view route;
  std::string_view agent;
  std::string_view method;
  std::string_view path;
};

// A mistake in the meaning of a scenario. `path` is the field, as `rule[1].when.first` or `target.charge.kind`.
struct Mistake {
  std::string path;
  std::string message;
};

// One compiled rule.
struct Rule {
  uint32_t index = 0;
  std::string id;
  // Index into Plan::targets, or -1 for every exchange that the fault can act on.
  int target = -1;
  // Index into Plan::phases, or -1 for all.
  int phase = -1;
  v1::Rule spec;
  std::string fault_name;
  std::unique_ptr<const Fault> fault;
  v1::FaultInfo info;
};

// One compiled target.
struct Target {
  std::string name;
  v1::Target spec;
  bool Matches(const Subject& subject) const;
};

// The compiled, immutable scenario. Shared by all exchanges of a run; an exchange finishes under the plan it began with.
class Plan {
 public:
  // Compiles a scenario whose shape has been checked by the reader. All mistakes of meaning are reported at once, and then the
  // plan is null: undefined names (with the nearest), rules that can never fire, contradicting triggers, faults that do not fit
  // their target.
  static std::shared_ptr<const Plan> Compile(const v1::Scenario& scenario, uint64_t seed, std::vector<Mistake>& mistakes);

  const v1::Scenario& scenario() const { return scenario_; }
  uint64_t seed() const { return seed_; }
  const std::vector<Target>& targets() const { return targets_; }
  const std::vector<Rule>& rules() const { return rules_; }

  // Indices of targets that the subject belongs to, in file order.
  std::vector<uint32_t> TargetsOf(const Subject& subject) const;
  // Indices of rules that could select an exchange of these targets, in file order: the index of the plan, so that rules that
  // do not match cost nothing.
  std::vector<uint32_t> RulesFor(const Subject& subject, const std::vector<uint32_t>& targets) const;

  // Some rule wants earlier answers.
  bool wants_history() const { return wants_history_; }

 private:
  v1::Scenario scenario_;
  uint64_t seed_ = 0;
  std::vector<Target> targets_;
  std::vector<Rule> rules_;
  bool wants_history_ = false;
};

}  // namespace murphy::engine
