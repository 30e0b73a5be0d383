// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/engine/causes.h"
#include "daemon/engine/client_timeouts.h"
#include "daemon/engine/groups.h"
#include "daemon/engine/guard.h"
#include "daemon/engine/history.h"
#include "daemon/engine/phases.h"
#include "daemon/engine/progress.h"
#include "daemon/engine/recogniser.h"
#include "daemon/engine/triggers.h"

namespace murphy::engine {

// What one rule has done in a run.
struct RuleRecord {
  RuleRecord(const scenario::Rule& rule, uint64_t seed, uint32_t run_index)
      : counters(rule), key(seed, run_index, rule.id), states(rule.variants.size()) {}
  // It moves, and is never copied.
  RuleRecord(RuleRecord&&) = default;
  Counters counters;
  DrawKey key;
  uint32_t fired = 0;
  // Exchanges that came to it since its phase began: the phase's entry, and how many.
  uint64_t entry = 0;
  uint64_t calls = 0;
  // The furthest step at which an exchange stopped, and the last limit that stopped one.
  Step furthest = Step::kTarget;
  Limit stopped = Limit::kNone;
  // Of each of its faults.
  std::vector<std::unique_ptr<RuleState>> states;
};

// One exchange, as rules see it.
struct Candidate {
  const Arrival& arrival;
  const std::vector<uint32_t>& targets;
  const Identity& identity;
  Now now;
  scenario::Content& content;
  uint64_t sequence = 0;
  const Holder& holder;
};

// How the run stands when an exchange begins.
struct Situation {
  const Phases& phases;
  const Progress& progress;
  const Occurrences& occurrences;
  const History& history;
  const ClientTimeouts& client_timeouts;
  const Causes& causes;
  Groups& groups;
};

// A rule that was asked to admit an exchange, and must learn when that ends.
struct Unsettled {
  uint32_t rule = 0;
  uint32_t variant = 0;
  Admission admission = Admission::kDeclined;
};

// What one exchange's rules came to.
struct Decided {
  // In the order in which they act.
  std::vector<Decision> decisions;
  uint32_t fired = 0;
  // A terminal fault acts, or a rule waits for its group.
  bool held = false;
  std::vector<Unsettled> unsettled;
  // Rules that follow a cause and that the exchange came to.
  std::vector<Followed> followed;
};

// The rules of one plan in a run, and what each has done: takes exchanges through their steps.
class Rules {
 public:
  Rules(const scenario::Plan& plan, uint32_t run_index, absl::Duration armed_at);

  // Stops when `guard` is reached in the middle.
  Decided Decide(const Candidate& candidate, const std::vector<uint32_t>& rules,
                 const Situation& situation, Guard& guard);
  // For rules that count over the runs of an experiment: where their counters stand, and going on
  // from there. What belongs to no such rule, or does not fit it, is left alone.
  std::vector<v1::RuleCounts> Counts() const;
  void Continue(const std::vector<v1::RuleCounts>& counts);

  // What stops each rule is added there; null: nowhere.
  void Trace(std::vector<Stop>* stops) { trace_ = stops; }

  // A rule that waited for its group has fired.
  void CountFired(uint32_t rule) { ++records_[rule].fired; }
  // It had fired, and has changed nothing.
  void TakeBack(uint32_t rule) { records_[rule].fired -= records_[rule].fired > 0 ? 1 : 0; }
  void Settle(const Unsettled& unsettled, const Finished& finished, Now now);

  const std::vector<RuleRecord>& records() const { return records_; }
  // Number of the last injection.
  uint64_t injections() const { return injections_; }

 private:
  // The last step that the exchange comes to, up to kLimits.
  Step Walk(const scenario::Rule& rule, RuleRecord& record, const Candidate& candidate,
            const Situation& situation, const Draws& draws) const;
  bool SelectsAttempt(const scenario::Rule& rule, const Candidate& candidate,
                      const Draws& draws) const;
  const scenario::Variant& VariantFor(const scenario::Rule& rule, const Candidate& candidate,
                                      const Draws& draws) const;
  std::string_view TargetOf(const scenario::Rule& rule, const Candidate& candidate) const;
  Elapsed ElapsedOf(const scenario::Rule& rule, const RuleRecord& record,
                    const Candidate& candidate, const Situation& situation) const;
  bool Armed(const scenario::Rule& rule, const Candidate& candidate,
             const Situation& situation) const;
  bool FollowsCause(const scenario::Rule& rule, const Situation& situation, const Draw& draw) const;
  bool IsIntense(const scenario::Rule& rule, const RuleRecord& record, const Candidate& candidate,
                 const Situation& situation, const Draws& draws) const;
  Limit Stopping(const scenario::Rule& rule, const RuleRecord& record, const Candidate& candidate,
                 const Situation& situation, const Guard& guard) const;
  Step Act(const scenario::Rule& rule, RuleRecord& record, const Candidate& candidate,
           const Situation& situation, const Draws& draws, Decided& decided);
  void Fire(const scenario::Rule& rule, RuleRecord& record, const Candidate& candidate,
            const Situation& situation, Decision& decision, Decided& decided);

  const scenario::Plan& plan_;
  const absl::Duration armed_at_;
  std::vector<RuleRecord> records_;
  uint64_t injections_ = 0;
  std::vector<Stop>* trace_ = nullptr;
};

}  // namespace murphy::engine
