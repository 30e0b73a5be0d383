// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>

#include "daemon/experiments/refusal.h"
#include "daemon/schedules/schedule.h"
#include "daemon/schedules/start.h"
#include "proto/time.h"

namespace murphy::schedules {
namespace {


// A planned time that starts nothing, by its fate.
void Tell(const Planned& planned, v1::ScheduleStart& start) {
  const std::string more = planned.uncounted ? " There were more, which nobody counted." : "";
  switch (planned.fate) {
    case Fate::kStart:
      return;
    case Fate::kMissed:
      return Become(start, v1::SCHEDULE_START_STATE_MISSED,
                    "No daemon ran, or the clock was set: it was too late to start." + more);
    case Fate::kOutsideWindow:
      return Become(start, v1::SCHEDULE_START_STATE_SKIPPED_WINDOW, more);
    case Fate::kBlackout:
      return Become(start, v1::SCHEDULE_START_STATE_SKIPPED_BLACKOUT, more);
  }
}

}  // namespace

std::unique_ptr<Guest> Schedule::Decide(v1::ScheduleStart& start, uint64_t number,
                                        absl::Time time) {
  if (world_.runs.halted()) {
    Become(start, v1::SCHEDULE_START_STATE_HALTED);
    return nullptr;
  }
  Guest* current = Current();
  const v1::OverlapPolicy overlap = status_.schedule().overlap();
  if (current != nullptr && overlap == v1::OVERLAP_POLICY_QUEUE && !queued_) {
    Become(start, v1::SCHEDULE_START_STATE_QUEUED);
    return nullptr;
  }
  if (current != nullptr && overlap != v1::OVERLAP_POLICY_REPLACE) {
    Become(start, v1::SCHEDULE_START_STATE_SKIPPED_OVERLAP,
           queued_ ? "Another start was waiting already."
                   : fmt::format("Experiment {} was still running.", current->experiment()));
    return nullptr;
  }
  if (absl::Status able = world_.audit.Writable(); !able.ok()) {
    Become(start, v1::SCHEDULE_START_STATE_REFUSED,
           fmt::format("Nothing was started, because it could not be put on record. {}",
                       std::string(able.message())));
    return nullptr;
  }
  auto run = Guest::Prepare(world_, experiments_, status_, number, time);
  if (!run.ok()) {
    Become(start, v1::SCHEDULE_START_STATE_REFUSED, std::string(run.status().message()));
    return nullptr;
  }
  Become(start, v1::SCHEDULE_START_STATE_STARTED);
  start.set_experiment((*run)->experiment());
  start.set_run((*run)->run());
  return *std::move(run);
}

absl::Status Schedule::Arm(v1::ScheduleStart start, std::unique_ptr<Guest> run, Moment now) {
  if (Guest* current = Current(); current != nullptr)
    current->Stop(Guest::By::kInterruption, "the next start replaced it", now.uptime);
  absl::Status armed = RecordStart(world_.audit, start);
  if (armed.ok()) armed = run->Arm(now.uptime);
  if (armed.ok()) {
    going_.push_back({std::move(start), std::move(run)});
    return armed;
  }
  run->EndExperiment();
  Become(start, v1::SCHEDULE_START_STATE_REFUSED, std::string(armed.message()));
  RecordRefusal(world_.audit, start);
  // What cannot be recorded did not act; the next restart says so.
  Commit({status_, {start}}).IgnoreError();
  return armed;
}

absl::StatusOr<v1::ScheduleStart> Schedule::RunNow(const std::string& reason, Moment now) {
  const auto refused = [](const char* why, const std::string& sentence) {
    return experiments::Refusal(absl::StatusCode::kFailedPrecondition, why, sentence);
  };
  v1::ScheduleStart start = NewStart(now);
  if (Closed(planner_.timing().calendar, now.time, start)) {
    return start.state() == v1::SCHEDULE_START_STATE_SKIPPED_WINDOW
               ? refused("OUTSIDE_WINDOW", "Now is outside of the schedule's windows.")
               : refused("BLACKOUT", "Today is one of the schedule's blackout dates.");
  }
  std::unique_ptr<Guest> run = Decide(start, status_.starts() + 1, now.time);
  if (start.state() == v1::SCHEDULE_START_STATE_HALTED)
    return refused("HALTED", "Injections are halted. `murphy resume REASON` allows them again.");
  if (start.state() == v1::SCHEDULE_START_STATE_REFUSED)
    return refused("START_REFUSED", start.reason());
  if (run == nullptr)
    return refused("ALREADY_RUNNING", "An experiment of this schedule is running already.");
  if (!reason.empty()) start.set_reason(fmt::format("By hand: {}", reason));
  Batch batch{status_, {}};
  Add(std::move(start), batch);
  if (absl::Status status = Commit(batch); !status.ok()) return status;
  if (absl::Status armed = Arm(batch.starts.back(), std::move(run), now); !armed.ok()) return armed;
  return *last_;
}

void Schedule::Take(Moment now) {
  if (now.time >= looked_ && now.time < due_) return;
  // Until everything is committed, nothing has been taken.
  Planner planner = planner_;
  Batch batch{status_, {}};
  std::unique_ptr<Guest> run;
  for (const Planned& planned : planner.Take(now.time)) {
    v1::ScheduleStart start = NewStart(now);
    *start.mutable_planned_time() = ToProto(planned.planned);
    if (planned.more > 0) {
      start.set_more(planned.more);
      *start.mutable_last_planned_time() = ToProto(planned.last);
    }
    const bool closed = planned.fate == Fate::kOutsideWindow || planned.fate == Fate::kBlackout;
    if (status_.paused() && !closed) {
      Become(start, v1::SCHEDULE_START_STATE_SKIPPED_PAUSED, status_.pause_reason());
    } else if (planned.fate == Fate::kStart) {
      run = Decide(start, batch.status.starts() + 1, now.time);
    } else {
      Tell(planned, start);
    }
    Add(std::move(start), batch);
  }
  // A clock that was set back is followed by the next daemon, too.
  const bool set_back = planner.evaluated() < FromProto(status_.evaluated_time());
  if (!batch.starts.empty() || set_back) {
    *batch.status.mutable_evaluated_time() = ToProto(planner.evaluated());
    if (!Commit(batch).ok()) return;
  }
  planner_ = std::move(planner);
  looked_ = now.time;
  due_ = planner_.NextDue();
  if (batch.starts.empty()) return;
  v1::ScheduleStart& newest = batch.starts.back();
  if (run != nullptr) return Arm(std::move(newest), std::move(run), now).IgnoreError();
  // One that goes on being refused is told once.
  if (newest.state() == v1::SCHEDULE_START_STATE_REFUSED && newest.more() == 0)
    RecordRefusal(world_.audit, newest);
  if (newest.state() == v1::SCHEDULE_START_STATE_QUEUED) queued_ = std::move(newest);
}

void Schedule::TakeQueued(Moment now) {
  if (!queued_ || Current() != nullptr) return;
  v1::ScheduleStart start = *queued_;
  *start.mutable_time() = ToProto(now.time);
  std::unique_ptr<Guest> run;
  if (status_.paused()) {
    Become(start, v1::SCHEDULE_START_STATE_SKIPPED_PAUSED, status_.pause_reason());
  } else if (!Closed(planner_.timing().calendar, now.time, start)) {
    run = Decide(start, start.number(), now.time);
  }
  if (!Commit({status_, {start}}).ok()) return;
  queued_.reset();
  if (run != nullptr) return Arm(std::move(start), std::move(run), now).IgnoreError();
  if (start.state() == v1::SCHEDULE_START_STATE_REFUSED) RecordRefusal(world_.audit, start);
}

}  // namespace murphy::schedules
