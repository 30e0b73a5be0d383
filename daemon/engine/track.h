// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/engine/occurrences.h"
#include "daemon/engine/progress.h"
#include "daemon/scenario/coordination.h"

namespace murphy::engine {

// Where a run stands in one track of the phases of its plan. Its first phase begins with the first
// exchange. A phase that ends without a next one leaves none active.
class Track {
 public:
  // Transitions that one event can cause.
  static constexpr int kMostTransitions = 8;

  // `phases` are those of the plan, and `members` the indices of the track's own. `progress` and
  // `occurrences` are what phases count.
  Track(const std::vector<scenario::Phase>& phases, std::vector<int> members,
        const Progress& progress, const Occurrences& occurrences);

  bool Active(int phase) const { return phase == current_; }
  // The phase was active at some time.
  bool WasActive(int phase) const { return entered_[phase]; }
  // When the active phase began; nullopt before the first exchange.
  std::optional<absl::Duration> begun() const { return begun_; }
  // The last phase has ended, and none can begin any more.
  bool over() const;
  // Differs from phase to phase, and from one time that a phase is active to the next.
  uint64_t entry() const { return entry_; }

  // An event happens: transitions are counted anew.
  void BeginEvent() { transitions_ = 0; }
  // Time has passed. A phase that time ends has ended at that
  // time, not at the event that noticed it: phases that only time ends pass as if each end had been
  // noticed.
  void Pass(absl::Duration now);
  // Something was counted, or has happened. Empty; or, when the event would cause more than
  // kMostTransitions, the phases that it has come through, as `a → b → c`.
  std::string Count(absl::Duration now);

 private:
  // What has been counted at some point: for each milestone, and of what happens.
  struct Mark {
    std::vector<scenario::Tally> tallies;
    uint64_t occurrences = 0;
  };

  // When time alone has ended the current phase.
  std::optional<absl::Duration> EndByTime() const;
  // The counts of the current phase's `until` with this number.
  bool CountsReached(size_t until) const;
  bool HasEnded(absl::Duration now) const;
  bool IsEntered(size_t phase) const;
  // It has happened since as often as it must.
  bool HasHappened(int on, const Mark& since) const;
  Mark MarkOf(std::span<const scenario::Milestone> milestones, int on) const;
  // The phase that an event leads to, or nullopt when the current one stays. -1: to none.
  std::optional<int> Due(absl::Duration now) const;
  void Enter(int phase, absl::Duration at);
  // Passes whole rounds of a loop that only time drives.
  void SkipRounds(absl::Duration now);

  const std::vector<scenario::Phase>& phases_;
  const std::vector<int> members_;
  const Progress& progress_;
  const Occurrences& occurrences_;
  // -1: none.
  int current_ = -1;
  std::optional<absl::Duration> begun_;
  uint64_t entry_ = 0;
  std::vector<bool> entered_;
  // Transitions that the present event has caused, besides those of time, and their way.
  int transitions_ = 0;
  std::string way_;
  // What ends the current phase, as it was when the phase began.
  Mark base_;
  // What begins each phase, as it was when the phase was left.
  std::vector<Mark> left_;
};

}  // namespace murphy::engine
