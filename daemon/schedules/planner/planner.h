// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/schedules/planner/calendar.h"

namespace murphy::schedules {

// When starts are planned and how late they may be.
struct Timing {
  Calendar calendar;
  absl::Duration jitter;
  absl::Duration deadline;
  // Of the jitter, with the name of the schedule.
  uint64_t seed = 0;
  std::string name;

  // When a planned time starts: later by a share of the jitter that its own draw says, and before
  // the next planned time.
  absl::Time DueAt(absl::Time planned) const;
};

// What has become of a planned time.
enum class Fate { kStart, kMissed, kOutsideWindow, kBlackout };

// A planned time, and `more` that followed with the same fate, up to `last`.
struct Planned {
  absl::Time planned;
  Fate fate = Fate::kStart;
  uint32_t more = 0;
  absl::Time last;
  // There were even more, which nobody counted.
  bool uncounted = false;
};

// Decides what has come due. Pure: the clock is passed in, and may jump. Not synchronised.
class Planner {
 public:
  // Planned times that are told one by one at a time; `more` counts the others.
  static constexpr size_t kMostTold = 20;
  // Planned times that are looked at at a time.
  static constexpr int kMostPlanned = 200'000;
  // Starts that are remembered, so that a clock that is set back does not start them again.
  static constexpr size_t kMostStarted = 1000;

  // Everything up to `evaluated` has been dealt with; `started` are the last planned times that
  // were started, in the order of their starts.
  Planner(Timing timing, absl::Time evaluated, const std::vector<absl::Time>& started);

  // What has come due, each planned time once. At most one is to start, the last; others that were
  // due in the same moment are missed. A clock that was set back is followed: what was not started
  // before may start when its time comes again, what was started never does.
  std::vector<Planned> Take(absl::Time now);
  // Goes on by another timing, after `evaluated`; what was started is remembered.
  void Retime(Timing timing, absl::Time evaluated);
  // Until then, Take gives nothing, unless the clock is set back.
  absl::Time NextDue() const;
  // Everything up to here has been dealt with.
  absl::Time evaluated() const { return evaluated_; }
  const Timing& timing() const { return timing_; }

  // The next starts, as things stand: at most a thousand planned times ahead.
  std::vector<absl::Time> NextStarts(absl::Time now, int most) const;

 private:
  Fate FateOf(absl::Time planned, absl::Time now) const;
  bool Started(absl::Time planned) const;
  void Remember(absl::Time planned);

  Timing timing_;
  absl::Time evaluated_;
  std::set<absl::Time> started_;
  std::deque<absl::Time> order_;
};

}  // namespace murphy::schedules
