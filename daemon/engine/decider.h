// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/engine/decision.h"
#include "daemon/engine/reading.h"
#include "daemon/engine/recogniser.h"
#include "daemon/engine/step.h"
#include "murphy/v1/replay.pb.h"

namespace murphy::engine {

// What one plan makes of an exchange that begins.
struct Ruling {
  // The decider's own number of the exchange.
  uint64_t sequence = 0;
  // In the order in which they act (design section 5, "Composition").
  std::vector<Decision> decisions;
  // A terminal fault acts on it, or a rule waits for its group.
  bool held = false;
};

// Who an exchange is, as the record and the data path want to know it; `first` is how the plan sees
// it that names its targets; null without one.
Begun Introduce(const Identity& identity, const Reading* first);

// One plan at work on a run: state, event and keyed draw in, decisions out. Who an exchange is, is
// known before it is asked. Pure: the caller holds the run's mutex for one call at a time and
// passes the time. The same calls in the same order give the same decisions.
class Decider {
 public:
  // `armed_at` is the Now::run from which `ttl` and `guard.max_duration` are measured: later than 0
  // for a one-off fault. In shadow everything is decided and counted, and nothing may act.
  Decider(std::shared_ptr<const scenario::Plan> plan, uint32_t run_index,
          absl::Duration armed_at = absl::ZeroDuration(), v1::Arm arm = v1::ARM_TREATMENT);
  ~Decider();

  // For what is counted over the runs of an experiment: where the run before this one has ended, and
  // how many injections there were until then, before anything else is asked; and where this one
  // stands.
  void Continue(const std::vector<v1::RuleCounts>& counts, uint64_t injections);
  std::vector<v1::RuleCounts> Counts() const;
  uint64_t injections() const;
  // From now on, what stops each rule is added to `stops`; null ends this.
  void Trace(std::vector<Stop>* stops);

  // An exchange begins.
  Ruling Begin(const Arrival& arrival, const Identity& identity, Reading& reading, Now now);

  // The exchange has ended: its limits are given back, phases move on. Returns what the decider was
  // told about it, for the record; nullopt when it is not open.
  std::optional<v1::ExchangeInput> Finish(uint64_t sequence, const Ending& ending, Now now);

  // When, at the latest, Pass can change something: a silence, a guard's duration or a group's
  // patience is over. Infinite when time alone changes nothing.
  absl::Duration Due() const;
  // Time passes without an exchange. True when this ended the scenario's time (guard.max_duration).
  bool Pass(Now now);

  // What waits at this gate has waited for long enough.
  void Expire(const Gate& gate, Now now);
  // True once after a gate has been opened or given up: whoever waits must look at it.
  bool TakeWake();

  // Time passes without an exchange. True when the plan has come to its own end: the last phase is
  // over, and none can begin any more.
  bool PassToEnd(Now now);

  // No further decisions: the lease is gone, a limit was reached, or the daemon is halted.
  // Addresses go on.
  void Disarm(std::string reason);
  // Takes back Disarm, but not a guard that was reached.
  void Rearm();
  // Steps without an exchange since the last call, for the record: of Pass, Expire, PassToEnd,
  // Disarm and Rearm those that changed what a later step could come to. They are numbered together
  // with the beginnings and ends of exchanges.
  std::vector<v1::EngineStep> TakeSteps();

  // Empty while armed. A guard that is reached (max_duration, max_injections, max_tokens) disarms
  // by itself.
  const std::string& disarm_reason() const;
  // It has done so.
  bool guard_reached() const;
  // Why the run does not mean what the scenario says, as a sentence; then it is disarmed for good.
  const std::string& broken() const;

  // One record, NEVER_REACHED, for each rule that neither fired nor was masked, with the step at
  // which it stopped; for the end of a run.
  std::vector<v1::Injection> Unreached() const;
  // What causes and groups have come to so far.
  void Realise(v1::Realised& realised) const;

  const scenario::Plan& plan() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace murphy::engine
