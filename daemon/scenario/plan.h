// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/scenario/condition.h"
#include "daemon/scenario/coordination.h"
#include "daemon/scenario/selector.h"
#include "daemon/scenario/where.h"
#include "daemon/scenario/whose.h"
#include "faults/fault.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::scenario {

// A mistake in the meaning of a scenario. `path` is the field, as `rule[1].when.first` or
// `target.charge.kind`; lists count from 0.
struct Mistake {
  std::string path;
  std::string message;
  // The limit of the guard, by its key, that the message advises at its end to raise; or empty.
  std::string limit = {};
};

// One of the faults of a rule, compiled.
struct Variant {
  // Number among those of its rule.
  uint32_t index = 0;
  std::string fault_name;
  std::unique_ptr<const Fault> fault;
  v1::FaultInfo info;
  double weight = 1;
};

// One compiled rule.
struct Rule {
  uint32_t index = 0;
  std::string id;
  // Indices into Plan::targets, in file order; none: every exchange that its faults can act on.
  std::vector<uint32_t> targets;
  // Index into Plan::phases, or -1 for all.
  int phase = -1;
  v1::Rule spec;
  // One; else those of `one_of` or `by_attempt`, of which one is chosen for each exchange.
  std::vector<Variant> variants;
  Whose one_of_per;
  Whose count_per;
  Condition when;
  // Index into Plan::causes of the one that it follows, or -1.
  int cause = -1;
  // Indices into Plan::groups.
  std::vector<uint32_t> groups;
  // Indices into Plan::wheres of all that its trigger looks for.
  std::vector<uint32_t> wheres;
  // Probability 0: the same as no rule.
  bool inert = false;

  // All its faults can act on calls of this kind.
  bool CanActOn(v1::TargetKind kind) const;
  // Names of its faults, each once: `status`, `status or reset`.
  std::string FaultNames() const;
};

// One compiled target.
struct Target {
  std::string name;
  v1::Target spec;
  Selector selector;
  // Index of the target that this one replaces, or -1.
  int fallback_for = -1;
  bool Matches(const Subject& subject) const { return selector.Matches(subject); }
};

// The compiled, immutable scenario. Shared by all exchanges of a run; an exchange finishes under
// the plan it began with.
class Plan {
 public:
  // Compiles a scenario whose shape has been checked by the reader. All mistakes of meaning are
  // reported at once, and then the plan is null: undefined names (with the nearest), rules that can
  // never fire, contradicting triggers, faults that do not fit their target.
  static std::shared_ptr<const Plan> Compile(const v1::Scenario& scenario, uint64_t seed,
                                             std::vector<Mistake>& mistakes);

  const v1::Scenario& scenario() const { return scenario_; }
  uint64_t seed() const { return seed_; }
  // In the order of their names: the tables of a file have no order of their own.
  const std::vector<Target>& targets() const { return targets_; }
  const std::vector<Phase>& phases() const { return phases_; }
  // In file order.
  const std::vector<Rule>& rules() const { return rules_; }
  // It is one of them, and not another plan's.
  bool Has(const Rule& rule) const {
    return rule.index < rules_.size() && &rules_[rule.index] == &rule;
  }

  // In the order of their names.
  const std::vector<Cause>& causes() const { return causes_; }
  // In file order.
  const std::vector<Group>& groups() const { return groups_; }

  // What rules wait for, and what they look for: each once.
  const std::vector<On>& ons() const { return ons_; }
  const Wheres& wheres() const { return wheres_; }

  // Indices of targets that the subject belongs to, in order.
  std::vector<uint32_t> TargetsOf(const Subject& subject) const;
  // Indices of rules that could select an exchange of these targets, in file order: the index of
  // the plan, so that rules that do not match cost nothing.
  std::vector<uint32_t> RulesFor(const Subject& subject,
                                 const std::vector<uint32_t>& targets) const;

  // Sessions and headers that say whose an exchange is, as far as rules count or draw by them.
  const std::vector<Carrier>& carriers() const { return carriers_; }
  // Something waits for what upstreams answer; and for what their JSON says.
  bool waits_for_answers() const { return waits_for_answers_; }
  bool reads_answers() const { return reads_answers_; }

  // For each stop condition of the guard: the index of its target, or -1.
  const std::vector<int>& stops_of() const { return stops_of_; }

  // Some rule wants earlier answers, or how long clients wait.
  bool wants_history() const { return wants_history_; }
  bool wants_client_timeouts() const { return wants_client_timeouts_; }
  // The first rule that counts over the runs of an experiment; null when none does.
  const Rule* counts_over_runs() const;
  // Something is counted over the runs of an experiment: what it is called in the file, or nothing.
  // Such runs come one after another.
  std::string counted_over_runs() const;

 private:
  // Targets that select the same exchanges: one test decides for all of them.
  using Twins = std::vector<uint32_t>;

  void AddTargets();
  void AddPhases();
  void AddRules();
  void AddVariants(Rule& rule);
  void AddCauses();
  void AddGroups();
  void IndexTargets();
  void Index(const Rule& rule);

  int TargetIndex(std::string_view name) const;
  int PhaseIndex(std::string_view name) const;
  int CauseIndex(std::string_view name) const;
  Milestone Compiled(const v1::Progress& progress) const;
  // Triggers, and what they wait or look for; `Add` returns the index in `ons_` or `wheres_`.
  Condition Compiled(const v1::Trigger& spec);
  Condition Compiled(const v1::Trigger& spec, const std::string& stream, uint32_t& conditions);
  uint32_t Add(const v1::On& spec);
  uint32_t Add(const v1::Where& spec);

  v1::Scenario scenario_;
  uint64_t seed_ = 0;
  std::vector<Target> targets_;
  std::vector<Phase> phases_;
  std::vector<Rule> rules_;
  std::vector<Cause> causes_;
  std::vector<Group> groups_;
  std::vector<On> ons_;
  Wheres wheres_;
  std::vector<Carrier> carriers_;
  bool waits_for_answers_ = false;
  bool reads_answers_ = false;
  // By what they say.
  absl::flat_hash_map<std::string, uint32_t> known_ons_, known_wheres_;
  std::vector<int> stops_of_;
  bool wants_history_ = false;
  bool wants_client_timeouts_ = false;

  std::vector<Twins> twins_;
  // Indices into `twins_`: those that only one call name can match, by that name, and all others.
  absl::flat_hash_map<std::string, std::vector<uint32_t>> by_name_;
  std::vector<uint32_t> unnamed_;
  // Rules that can act on calls of a kind, by that kind, in file order: those of each target, and
  // those without one.
  using RulesByKind = std::array<std::vector<uint32_t>, v1::TargetKind_ARRAYSIZE>;
  std::vector<RulesByKind> rules_of_target_;
  RulesByKind rules_of_none_;
};

}  // namespace murphy::scenario
