// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/experiments/experiments.h"
#include "daemon/experiments/world.h"
#include "daemon/schedules/guest.h"
#include "daemon/schedules/planner/planner.h"
#include "murphy/v1/schedule_service.pb.h"

namespace murphy::schedules {

// One moment of two clocks: plans follow the wall clock, experiments last by the monotonic one.
struct Moment {
  absl::Time time;
  absl::Duration uptime;
};

// One schedule at work: what has come due, what is running, and the history. A planned time is
// started after it has been committed to the history, and never otherwise.
//
// Not synchronised. What has ended is judged by whoever holds no lock (Guest::Finish); then
// CommitEnds.
class Schedule {
 public:
  // What is to be finished.
  using Ended = std::deque<std::shared_ptr<Guest>>;

  Schedule(experiments::World& world, experiments::Experiments& experiments,
           v1::ScheduleStatus status, Planner planner);

  // After a restart: what was running was interrupted.
  absl::Status Restore();
  // Commits the schedule alone.
  absl::Status Save();
  absl::Status SetPaused(bool paused, const std::string& reason);
  // Becomes what `status` says, all at once or not at all; history, pause and queue stay. Needs a
  // Tick of the same moment before: what was planned until now was planned by the old timing.
  absl::Status Replace(v1::ScheduleStatus status, Timing timing, Moment now);
  absl::StatusOr<v1::ScheduleStart> RunNow(const std::string& reason, Moment now);
  // Does what is due. What cannot be committed is tried again at the next call.
  void Tick(Moment now, Ended& ended);
  // Commits the ends of what has finished.
  void CommitEnds(absl::Time now);
  // Ends what is running, and begins nothing more until Revive.
  void Retire(const std::string& reason, Moment now, Ended& ended);
  void Revive() { retired_ = false; }
  bool retired() const { return retired_; }
  uint64_t seed() const { return status_.seed(); }

  bool running() const { return !going_.empty(); }
  bool paused() const { return status_.paused(); }
  v1::ScheduleStatus Describe(absl::Time now) const;
  void AddTo(v1::ScheduleOverview& overview, absl::Time now) const;

 private:
  struct Going {
    v1::ScheduleStart start;
    std::shared_ptr<Guest> run;
    // It was handed over to be finished.
    bool ended = false;
  };
  // What is committed together.
  struct Batch {
    v1::ScheduleStatus status;
    std::vector<v1::ScheduleStart> starts;
  };

  // The experiment that is running and not about to end; null for none.
  Guest* Current() const;
  v1::ScheduleStart NewStart(Moment now) const;
  void Add(v1::ScheduleStart start, Batch& batch) const;
  absl::Status Commit(const Batch& batch);
  // Says what becomes of a start now: a state, or an experiment that is ready.
  std::unique_ptr<Guest> Decide(v1::ScheduleStart& start, uint64_t number, absl::Time time);
  void StepGoing(Moment now, Ended& ended);
  void Take(Moment now);
  void TakeQueued(Moment now);
  // Arms what was committed as started.
  absl::Status Arm(v1::ScheduleStart start, std::unique_ptr<Guest> run, Moment now);
  // True once the end is committed.
  bool CommitEnd(Going& going, absl::Time now);

  experiments::World& world_;
  experiments::Experiments& experiments_;
  v1::ScheduleStatus status_;
  Planner planner_;
  // Nothing comes due before `due_`, unless the clock shows less than `looked_`.
  absl::Time looked_ = absl::InfiniteFuture();
  absl::Time due_;
  std::vector<Going> going_;
  bool retired_ = false;
  std::optional<v1::ScheduleStart> queued_;
  // The last of the history.
  std::optional<v1::ScheduleStart> last_;
};

}  // namespace murphy::schedules
