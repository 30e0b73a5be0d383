// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/engine/gate.h"
#include "daemon/engine/leash.h"
#include "daemon/engine/plan.h"
#include "faults/fault.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/replay.pb.h"

namespace murphy::engine {

struct Recognised;

// An exchange begins: its request has been read and classified.
struct Arrival {
  const message::Request& request;
  const message::Call& call;
  const message::Dialect& dialect;
  std::string_view route;
  std::string_view agent;
  // A tool is called with a planted instruction of the run's.
  bool canary = false;
  // Host of the upstream; empty when unknown.
  std::string_view upstream;
};

// One rule's decision on one exchange.
struct Decision {
  // Number of the injection within the run, from 1; 0 when declined.
  uint64_t injection = 0;
  const Rule* rule = nullptr;
  // FIRED; MATCHED, when it waits at `gate` and fires if that opens; WOULD_FIRE in shadow; MASKED
  // with a reason; UNSPECIFIED when declined (see Admission::kDeclined): hooks run, nothing is
  // injected.
  v1::InjectionState state = v1::INJECTION_STATE_UNSPECIFIED;
  std::string detail;
  std::unique_ptr<ExchangeState> exchange_state;
  Draw draw;
  std::vector<std::shared_ptr<const message::Document>> history;
  // Where the fault asks for it and it is known.
  std::optional<absl::Duration> client_timeout;
  // On which what it holds is held: null for as long as it takes.
  std::shared_ptr<const Leash> leash;
  // Null, or what the exchange waits at before this decision's hooks run.
  std::shared_ptr<const Gate> gate;
  // Nothing of it may act: no hook runs.
  bool shadow = false;
  // In shadow: an earlier exchange would have been injected.
  bool approximate = false;
  // Of a one-off fault; and masked by another plan's. Both are for whoever asks several machines.
  bool one_off = false;
  bool outranked = false;
};

// A decision in this state takes, or would take, its exchange's one place for a terminal fault.
bool Acts(v1::InjectionState state);

// Who an exchange is, and what happens to it.
struct Begun {
  uint64_t sequence = 0;
  uint64_t operation = 0;
  uint32_t attempt = 1;
  v1::AttemptLayer layer = v1::ATTEMPT_LAYER_UNSPECIFIED;
  // Canonical address, attempt included.
  std::string address;
  std::vector<std::string> targets;
  // Same digest as an operation that had already succeeded (rule A4).
  bool repeat = false;
  // Address, without attempt, of the operation that this one replaces (rule A6).
  std::string fallback_of;
  // Address, without attempt, of the operation whose arguments this one changes (rule A5), and how
  // many times they have been changed; 0 for none.
  std::string revision_of;
  uint32_t revision = 0;
  // SHA-256 of the idempotency key; empty without one.
  std::string idempotency_digest;
  // In the order in which they act (design section 5, "Composition").
  std::vector<Decision> decisions;
};

// How an exchange ended.
struct Ending {
  v1::EndState end = v1::END_STATE_COMPLETE;
  // The answer said that the call failed, or there was none.
  bool failed = false;
  // Status that the agent saw; 0 for none.
  uint32_t status = 0;
  uint64_t tokens = 0;
  // US dollars, where the model's price is known.
  double cost = 0;
  // What the agent got: bytes of the body, and events where it is a stream.
  uint64_t bytes = 0;
  uint32_t events = 0;
  // A model's answer repeats a planted instruction of the run's.
  bool canary = false;
  // A fault of another plan acted on it: what failed, or took long, did not so by itself.
  bool faulted = false;
  // A successful answer as the upstream gave it, for `stale_*`; null when too large or not wanted.
  std::shared_ptr<const message::Document> answer;
};

// The engine of one run: state, event and keyed draw in, decisions out. Pure: the caller holds the
// run's mutex for one call at a time and passes the time. The same calls in the same order give the
// same decisions.
class Machine {
 public:
  // `armed_at` is the Now::run from which `ttl` and `guard.max_duration` are measured: later than 0
  // for a one-off fault. In shadow everything is decided and counted, and nothing may act.
  Machine(std::shared_ptr<const Plan> plan, uint32_t run_index,
          absl::Duration armed_at = absl::ZeroDuration(), v1::Arm arm = v1::ARM_TREATMENT);
  ~Machine();

  // For rules that count over the runs of an experiment: where the run before this one has ended,
  // before anything else is asked; and where this one stands.
  void Continue(const std::vector<v1::RuleCounts>& counts);
  std::vector<v1::RuleCounts> Counts() const;

  // Addresses an exchange and decides what happens to it.
  Begun Begin(const Arrival& arrival, Now now);

  // The same for an exchange from a record: who it is, and which conditions on content held, is
  // known.
  Begun BeginAgain(const Arrival& arrival, Recognised recognised, const std::vector<uint32_t>& held,
                   Now now);

  // The exchange has ended: its operation can be recognised, its limits are given back, phases move
  // on. Returns what the machine was told about it, for the record; nullopt when it is not open.
  std::optional<v1::ExchangeInput> Finish(uint64_t sequence, const Ending& ending, Now now);

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

  const Plan& plan() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace murphy::engine
