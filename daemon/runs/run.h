// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/time/time.h"
#include "daemon/engine/machine.h"
#include "daemon/journal/journal.h"
#include "daemon/runs/route.h"

namespace murphy::runs {

struct RunSpec {
  // 1 to 64 characters of [a-zA-Z0-9_-].
  std::string id;
  std::string experiment;
  uint32_t index = 0;
  // Shadow: nothing is injected.
  v1::Arm arm = v1::ARM_TREATMENT;
  uint64_t seed = 0;
  // Null: the run observes nothing until a fault is armed on it.
  std::shared_ptr<const engine::Plan> plan;
  // Where the counters of rules that count over the experiment go on.
  std::vector<v1::RuleCounts> counts;
  // Built-in, configured and the run's own.
  RouteTable routes;
  // The run's own, name to URL.
  std::map<std::string, std::string> own_routes;
};

// A one-off fault on a run: a plan of one rule with counters of its own.
struct ArmedFault {
  std::string id;
  std::string text;
  absl::Time expire;
  uint32_t fired = 0;
};

// A plan that rides on the traffic of a run: a run of its own as far as records go, without an
// agent and without a lease.
struct GuestSpec {
  // Run under which it is recorded.
  std::string id;
  uint32_t index = 0;
  std::shared_ptr<const engine::Plan> plan;
};

// How a guest stands.
struct GuestState {
  // Its own exchanges that are open.
  size_t open = 0;
  // Why its plan does nothing more: a limit of its guard, or the end of its last phase. Empty while
  // it may.
  std::string ended;
  // It was a limit of its guard.
  bool guarded = false;
  // Why its faults stopped before that: a halt, or the end of its host. Stays when that is over.
  std::string stopped;
};

// What a guest leaves behind.
struct GuestEnd {
  // Rules that were never reached, as records.
  std::vector<v1::Injection> unreached;
  // As Run::integrity.
  std::string integrity;
  v1::Realised realised;
};

// A live run: the engine behind one mutex, which is held for one step and never across I/O.
//
// Threads: any.
class Run {
 public:
  Run(RunSpec spec, journal::Journal& journal, std::function<void(const Run&)> release);
  ~Run();

  const RunSpec& spec() const { return spec_; }
  absl::Time begin_time() const { return begin_time_; }

  // For the data path.

  // Whether exchanges are to be read, addressed and recorded.
  bool observed() const { return observed_.load(std::memory_order_acquire); }
  // Addresses an exchange and decides what happens to it. Every Begin is followed by one End.
  engine::Begun Begin(const engine::Arrival& arrival);
  // A gate that exchanges of this run wait at has reached its deadline.
  void Expire(const engine::Gate& gate);
  // Queues the state of an injection for the journal. False: nothing is recorded, and the injection
  // must not act.
  bool Record(v1::Injection injection);
  // Tells the engine how an exchange ends. Before the agent can see the end: its next request, on
  // another connection, must find this one decided.
  void Conclude(uint64_t sequence, const engine::Ending& ending);
  // The exchange is over: `exchange` is journalled. Concludes it, if that has not been done.
  void End(v1::Exchange exchange, const engine::Ending& ending);
  // A nonce that a fault has planted; those that a text carries, so that the observer sees where it
  // went.
  void AddCanary(const std::string& canary);
  std::vector<std::string> CanariesIn(std::string_view text) const;
  // What is held on this leash (null: by the gateway itself) may go on being held. False once the
  // run is halted or disarmed, or the plan that holds it is gone.
  bool MayHold(const engine::Leash* leash) const {
    return armed_.load(std::memory_order_acquire) && (leash == nullptr || !leash->let_go());
  }
  // Exchanges that a fault is holding.
  std::atomic<uint32_t> held{0};
  // Time since the run began.
  Now now() const;

  // For control.

  // Takes no more decisions; what is held stays held.
  void StopDeciding(const std::string& reason);
  // Stops injections and releases what is held. The first reason stays.
  void Disarm(v1::DisarmCause cause, const std::string& reason);
  // A halt, and its end: a run that was disarmed for another reason stays so.
  void Suspend();
  void Unsuspend();
  std::string disarm_reason() const;
  v1::DisarmCause disarm_cause() const;

  // Time passes: what the scenario's time is over for is released. True when it just ended.
  bool Pass();

  // Arms a one-off fault; `plan` has one rule. The caller disarms it when its time is up.
  std::string Arm(std::string text, std::shared_ptr<const engine::Plan> plan, absl::Time expire);
  bool DisarmFault(std::string_view id);
  std::vector<ArmedFault> Armed() const;

  // Guests. Each sees the exchanges that begin from now on, is asked after the scenario, and has
  // copies of their records under its own name.
  void Admit(GuestSpec guest);
  // Nullopt when there is none. Time passes for it.
  std::optional<GuestState> Guest(std::string_view id);
  // Takes no more decisions for it; what it holds stays held until Release.
  void StopGuest(std::string_view id, const std::string& reason);
  void ReleaseGuest(std::string_view id);
  // Ends it: exchanges that are still open are recorded as late.
  GuestEnd Dismiss(std::string_view id);

  // Waits until no exchange is open. False after `patience`.
  bool WaitIdle(absl::Duration patience);
  // Something was not recorded: what, as a sentence; empty when all is well.
  std::string integrity() const;
  // For the end of the run.
  std::vector<v1::Injection> Unreached();
  // The run as the API shows it; outcome unset.
  v1::Run Describe() const;

 private:
  struct Layer;
  engine::Begun Decide(const engine::Arrival& arrival, bool& wake);
  // With the mutex held: takes over what an event has led to. True: what waits must look at its
  // gate.
  bool AfterEvent();
  // With the mutex held: steps that engines took without an exchange, for AppendAll, which wants it
  // free.
  std::vector<v1::Event> TakeSteps();
  void AppendAll(std::vector<v1::Event> events);
  // What the scenario's engine was told about an exchange goes beside its record.
  void KeepInput(v1::Exchange& exchange) const;
  Layer* FindGuest(std::string_view id);
  void AddToGuests(engine::Begun& begun);
  void GiveToGuest(v1::Injection& injection);
  // Its records under the names of guests. Each, and the exchange itself, names the other runs
  // whose faults the agent got on it.
  std::vector<v1::Exchange> CopiesForGuests(v1::Exchange& exchange);
  bool Append(v1::Event event);
  void Note(const std::string& lost);
  void Forget();

  RunSpec spec_;
  journal::Journal& journal_;
  std::function<void(const Run&)> release_;
  absl::Time begin_time_;
  std::chrono::steady_clock::time_point begin_;
  std::atomic<bool> observed_{false};
  std::atomic<bool> armed_{true};
  std::atomic<bool> has_guests_{false};
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::vector<std::shared_ptr<Layer>> layers_;
  // Open exchanges on which faults act, by several plans.
  std::unordered_set<uint64_t> faulted_;
  std::string disarm_reason_;
  v1::DisarmCause disarm_cause_ = v1::DISARM_CAUSE_UNSPECIFIED;
  std::string integrity_;
  bool suspended_ = false;
  uint32_t open_ = 0;
  uint64_t sequence_ = 0;
  uint64_t injections_ = 0;
  uint64_t armed_faults_ = 0;
  std::vector<std::string> canaries_;
  std::atomic<bool> has_canaries_{false};
};

}  // namespace murphy::runs
