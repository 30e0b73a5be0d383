// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/journal/journal.h"
#include "daemon/runs/prices.h"
#include "daemon/runs/run.h"

namespace murphy::runs {

// Every run that the daemon knows: live ones with their engines, and the ids of the last ones that
// are over.
//
// Threads: any. A worker looks runs up in its own View of an immutable directory, which it renews
// only after a run has been started or finished: the data path shares no lock between runs.
class Runs {
 public:
  // `ended`: runs from before this start, newest first. A run `default`, which observes nothing until a fault is
  // armed on it, always exists.
  Runs(journal::Journal& journal, RouteTable routes, const std::vector<v1::Run>& ended,
       Prices prices = Prices());
  ~Runs();

  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view id) const { return std::hash<std::string_view>()(id); }
  };
  using Directory = std::unordered_map<std::string, std::shared_ptr<Run>, Hash, std::equal_to<>>;
  struct View {
    uint64_t version = 0;
    std::shared_ptr<const Directory> directory;
  };

  // Runs that are over and whose traffic is still led to where theirs went. Older ones are in the
  // journal alone: their traffic is refused as that of a run that was never started.
  static constexpr size_t kMostEnded = 16384;

  enum class Found { kLive, kEnded, kUnknown };
  struct Lookup {
    Found found = Found::kUnknown;
    std::shared_ptr<Run> run;
    // Of a run that is over, where it had routes of its own.
    std::shared_ptr<const RouteTable> ended_routes;
  };
  // For the data path; `view` belongs to one thread.
  Lookup Find(std::string_view id, View& view) const;
  // For control.
  Lookup Find(std::string_view id) const;

  // Starts a run and journals it. ALREADY_EXISTS, INVALID_ARGUMENT for a bad id.
  absl::StatusOr<std::shared_ptr<Run>> Start(RunSpec spec);
  // Takes no more decisions, waits at most `patience` for its exchanges to end, journals what was
  // never reached and moves it to the ended ones. The caller sets the outcome and journals the run.
  // NOT_FOUND.
  absl::StatusOr<std::shared_ptr<Run>> Finish(std::string_view id, absl::Duration patience);
  std::vector<std::shared_ptr<Run>> Live() const;

  // Journals an exchange that passed through a run that is over.
  void Late(v1::Exchange exchange);

  // Stops all injections, and releases what is held; returns how many exchanges that were.
  uint32_t Halt();
  void Resume();
  bool halted() const { return halted_.load(std::memory_order_relaxed); }

  // Time passes, for those runs alone for which some is due: what nobody waits for costs nothing.
  // Returns those whose scenario's time has just ended.
  std::vector<std::shared_ptr<Run>> Pass();

  // Called by the gateway: `release(run)` must wake everything that a fault holds in that run,
  // without blocking.
  void OnRelease(std::function<void(const Run&)> release);

  const RouteTable& routes() const { return routes_; }
  const Prices& prices() const { return prices_; }

 private:
  // A run, and when it must be looked at.
  struct Due {
    std::chrono::steady_clock::time_point at;
    std::weak_ptr<Run> run;
    bool operator<(const Due& other) const { return at > other.at; }
  };

  std::shared_ptr<Run> Make(RunSpec spec);
  void Release(const Run& run) const;
  std::shared_ptr<const RouteTable> RoutesOf(const v1::Run& run) const;

  journal::Journal& journal_;
  const RouteTable routes_;
  const Prices prices_;
  // Replaces the directory by a changed copy.
  void Publish(Directory changed);
  // Moves a run to the ended ones. False: it is none of the live ones.
  bool Remove(std::string_view id);
  // Called with the mutex held.
  void KeepEnded(std::string id, std::shared_ptr<const RouteTable> routes);
  // Whether a run was ever started under this id.
  absl::StatusOr<bool> IsTaken(const std::string& id);

  mutable std::mutex mutex_;
  std::shared_ptr<const Directory> live_;
  std::atomic<uint64_t> version_{1};
  std::unordered_map<std::string, std::shared_ptr<const RouteTable>> ended_;
  // Their ids, oldest first.
  std::deque<std::string> ended_order_;
  // There were more.
  bool forgot_ = false;
  mutable std::mutex release_mutex_;
  std::function<void(const Run&)> release_;
  std::atomic<bool> halted_{false};
  // Taken inside a run's mutex.
  std::mutex due_mutex_;
  std::priority_queue<Due> due_;
};

}  // namespace murphy::runs
