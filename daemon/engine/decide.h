// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/engine/guard.h"
#include "daemon/engine/history.h"
#include "daemon/engine/machine.h"
#include "daemon/engine/operations.h"
#include "daemon/engine/phases.h"
#include "daemon/engine/progress.h"
#include "daemon/engine/triggers.h"

namespace murphy::engine {

// The steps of a rule, in order. An exchange that stops at one does not come to the next.
enum class Step {
  kTarget,
  kPhase,
  kAttempts,
  kAfter,
  kCounters,
  kProbability,
  kLimits,
  kAdmission,
  kActed,
};

// What one rule has done in a run.
struct RuleRecord {
  explicit RuleRecord(v1::CountUnit unit) : counter(unit) {}
  Counter counter;
  uint32_t fired = 0;
  // The furthest step at which an exchange stopped.
  Step furthest = Step::kTarget;
  std::unique_ptr<RuleState> state;
};

// One exchange, as rules see it.
struct Candidate {
  const Arrival& arrival;
  const std::vector<uint32_t>& targets;
  const Identity& identity;
  Now now;
};

// A rule that was asked to admit an exchange, and must learn when that ends.
struct Unsettled {
  uint32_t rule = 0;
  Admission admission = Admission::kDeclined;
};

// What one exchange's rules came to.
struct Decided {
  // In the order in which they act.
  std::vector<Decision> decisions;
  uint32_t fired = 0;
  bool terminal = false;
  std::vector<Unsettled> unsettled;
};

// Takes the rules of one run through their steps.
class Decider {
 public:
  Decider(const Plan& plan, uint32_t run_index, absl::Duration armed_at);

  // Stops when `guard` is reached in the middle.
  Decided Decide(const Candidate& candidate, const std::vector<uint32_t>& rules,
                 const Phases& phases, const Progress& progress, const History& history,
                 Guard& guard);
  void Settle(uint32_t rule, const Finished& finished, Now now);

  const std::vector<RuleRecord>& records() const { return records_; }
  // Number of the last injection.
  uint64_t injections() const { return injections_; }

 private:
  // The last step that the exchange comes to, up to kLimits.
  Step Walk(const Rule& rule, RuleRecord& record, const Candidate& candidate, const Phases& phases,
            const Progress& progress) const;
  bool WithinLimits(const Rule& rule, const RuleRecord& record, const Candidate& candidate,
                    const Guard& guard) const;
  Step Act(const Rule& rule, RuleRecord& record, const Candidate& candidate, const History& history,
           Decided& decided);
  Draw DrawOf(const Rule& rule, const Candidate& candidate) const;

  const Plan& plan_;
  const uint32_t run_index_;
  const absl::Duration armed_at_;
  std::vector<RuleRecord> records_;
  uint64_t injections_ = 0;
};

}  // namespace murphy::engine
