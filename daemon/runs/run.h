// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "daemon/engine/decision.h"
#include "daemon/engine/recogniser.h"
#include "daemon/exchange/book.h"
#include "daemon/journal/journal.h"
#include "daemon/runs/canaries.h"
#include "daemon/runs/presences.h"
#include "daemon/runs/prices.h"
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
  std::shared_ptr<const scenario::Plan> plan;
  // Where the counters of rules that count over the experiment go on.
  std::vector<v1::RuleCounts> counts;
  // Injections of the experiment before it, where they are limited together.
  uint64_t injections = 0;
  // Built-in, configured and the run's own.
  RouteTable routes;
  // What models cost; null: nothing is known.
  const Prices* prices = nullptr;
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
  v1::Arm arm = v1::ARM_TREATMENT;
  std::shared_ptr<const scenario::Plan> plan;
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

// A live run: one recogniser, and a decider for each plan that is at work on it, behind one mutex,
// which is held for one step and never across I/O or while a body is read.
//
// Threads: any.
class Run final : public exchange::Book, public std::enable_shared_from_this<Run> {
 public:
  // What the run tells others, without waiting for them: that what it holds must look whether it
  // still may; and when, since it began, time must pass for it at the latest.
  struct Calls {
    std::function<void(const Run&)> release;
    std::function<void(Run&, absl::Duration)> due = [](Run&, absl::Duration) {};
  };

  Run(RunSpec spec, journal::Journal& journal, Calls calls);
  ~Run() override;

  const RunSpec& spec() const { return spec_; }
  absl::Time begin_time() const { return begin_time_; }

  // For the data path.

  // Whether exchanges are to be read, addressed and recorded.
  bool observed() const { return observed_.load(std::memory_order_acquire); }
  // Whether a rule of any plan could act on a call of this description.
  bool MayAct(const scenario::Subject& subject) const;
  // Addresses an exchange and decides what happens to it. Every Begin is followed by one End.
  engine::Begun Begin(const engine::Arrival& arrival) override;
  // A gate that exchanges of this run wait at has reached its deadline.
  void Expire(const engine::Gate& gate) override;
  // Queues the state of an injection for the journal. False: nothing is recorded, and the injection
  // must not act.
  bool Record(v1::Injection injection) override;
  // Tells the engine how an exchange ends. Before the agent can see the end: its next request, on
  // another connection, must find this one decided.
  void Conclude(uint64_t sequence, const engine::Ending& ending) override;
  // The agent of an exchange that is still open has gone; how it ends may be known later. A request
  // like it that comes now is another attempt, and no parallel call.
  void Gone(uint64_t sequence);
  // The exchange is over: `exchange` is journalled. Concludes it, if that has not been done.
  void End(v1::Exchange exchange, const engine::Ending& ending) override;
  // A nonce that a fault has planted; those that a text carries, so that the observer sees where it
  // went: at most Canaries::kMost of them, and of a text Canaries::kMostRead bytes.
  void AddCanary(const std::string& canary) override;
  std::vector<std::string> CanariesIn(std::string_view text) const override;
  std::optional<double> Cost(std::string_view model, uint64_t input_tokens,
                             uint64_t output_tokens) const override;
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

  // Time passes: what the scenario's time is over for is released, and one-off faults whose time is
  // up go. True when the scenario's time just ended.
  bool Pass();
  // What the clock shows that long after the run began.
  std::chrono::steady_clock::time_point TimeOf(absl::Duration since_begin) const {
    return begin_ + absl::ToChronoNanoseconds(since_begin);
  }
  // Tells when time must pass next: once the run is known to others.
  void TellDue();

  // Arms a one-off fault; `plan` has one rule. It goes when its time is up.
  std::string Arm(std::string text, std::shared_ptr<const scenario::Plan> plan, absl::Time expire);
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
  using Layers = std::vector<std::shared_ptr<Layer>>;
  struct Open;

  std::shared_ptr<const Layers> layers() const;

  // What an event has led to, for Tell.
  struct After {
    // What waits must look at its gate.
    bool wake = false;
    std::vector<v1::Event> events;
  };
  // In shadow: an injection that waits at a gate. Its exchange ends long before, in treatment it
  // would be held: `record` is then what is known of it.
  struct Waiting {
    uint64_t injection = 0;
    std::shared_ptr<const engine::Gate> gate;
    std::optional<v1::Injection> record;
  };

  // The following are called with the mutex held.

  engine::Begun Decide(const engine::Arrival& arrival, const engine::Marks& marks,
                       std::span<engine::Reading> readings, Now time);
  void Ask(const engine::Arrival& arrival, const engine::Identity& identity,
           std::span<engine::Reading> readings, Now time, Open& open, engine::Begun& begun);
  void Concludes(uint64_t sequence, const engine::Ending& ending, Now time);
  // Takes over what an event has led to.
  After AfterEvent();
  // The same for one without an exchange, of which the steps of deciders are recorded.
  After AfterStep();
  bool KeepsForLater(const v1::Injection& injection);
  void SettleWaiting(std::vector<v1::Event>& events);
  void Add(std::shared_ptr<Layer> layer);
  // The layer is none of the run's any more.
  void Remove(Layer& layer, const std::string& reason);
  std::optional<absl::Duration> NextDue();
  Layer* FindGuest(std::string_view id) const;
  // The exchange's records: its own, and its copies under the names of guests. Each names the other
  // runs whose faults the agent got on it.
  std::vector<v1::Exchange> RecordsOf(v1::Exchange exchange, Open& open);
  void GiveToGuests(const engine::Begun& begun, Open& open);
  void GiveToGuest(v1::Injection& injection);

  // And these with the mutex free.

  void Tell(After after);
  bool Append(v1::Event event);
  void Note(const std::string& lost);

  RunSpec spec_;
  journal::Journal& journal_;
  const Calls calls_;
  absl::Time begin_time_;
  std::chrono::steady_clock::time_point begin_;
  std::atomic<bool> observed_{false};
  std::atomic<bool> armed_{true};
  std::atomic<bool> has_guests_{false};
  Presences presences_;
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  engine::Recogniser recogniser_;
  // Replaced as a whole: an exchange keeps those that it began with. The scenario is the first.
  std::shared_ptr<const Layers> layers_;
  Layer* scenario_ = nullptr;
  uint32_t viewers_ = 0;
  absl::flat_hash_map<uint64_t, std::unique_ptr<Open>> open_;
  std::vector<Waiting> waiting_;
  std::string disarm_reason_;
  v1::DisarmCause disarm_cause_ = v1::DISARM_CAUSE_UNSPECIFIED;
  std::string integrity_;
  bool suspended_ = false;
  uint64_t sequence_ = 0;
  uint64_t injections_ = 0;
  uint64_t armed_faults_ = 0;
  // The latest time that was seen, and the earliest that was told.
  absl::Duration last_ = absl::ZeroDuration();
  absl::Duration told_ = absl::InfiniteDuration();
  std::shared_ptr<const Canaries> canaries_;
  std::atomic<bool> has_canaries_{false};
};

}  // namespace murphy::runs
