// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/schedule.h"

#include <fmt/format.h>

#include <utility>

#include "daemon/experiments/moments.h"
#include "daemon/schedules/start.h"
#include "proto/time.h"

namespace murphy::schedules {
namespace {


constexpr int kNextStarts = 3;

}  // namespace

Schedule::Schedule(experiments::World& world, experiments::Experiments& experiments,
                   v1::ScheduleStatus status, Planner planner)
    : world_(world),
      experiments_(experiments),
      status_(std::move(status)),
      planner_(std::move(planner)) {}

absl::Status Schedule::Save() { return Commit({status_, {}}); }

absl::Status Schedule::Commit(const Batch& batch) {
  if (absl::Status status = world_.journal.PutSchedule(batch.status, batch.starts); !status.ok())
    return status;
  status_ = batch.status;
  for (const v1::ScheduleStart& start : batch.starts) {
    if (!last_ || start.number() >= last_->number()) last_ = start;
  }
  return absl::OkStatus();
}

absl::Status Schedule::Restore() {
  auto starts = world_.journal.ScheduleStarts(status_.schedule().name(), Planner::kMostStarted, 0);
  if (!starts.ok()) return starts.status();
  if (!starts->empty()) last_ = starts->front();
  Batch batch{status_, {}};
  std::vector<absl::Time> started;
  for (auto start = starts->rbegin(); start != starts->rend(); ++start) {
    const bool queued = start->state() == v1::SCHEDULE_START_STATE_QUEUED;
    if (start->has_planned_time() && (queued || !start->experiment().empty()))
      started.push_back(FromProto(start->planned_time()));
    if (queued) {
      Become(*start, v1::SCHEDULE_START_STATE_MISSED, "The daemon was restarted while it waited.");
      batch.starts.push_back(*start);
    } else if (start->state() == v1::SCHEDULE_START_STATE_STARTED) {
      Become(*start, v1::SCHEDULE_START_STATE_INTERRUPTED,
             "The daemon was restarted while it ran.");
      *start->mutable_end_time() = experiments::Now();
      v1::FinishExperimentResponse response;
      // Its run has been ended as an orphan; retention may have removed the experiment.
      experiments_.Conclude(start->experiment(), &response).IgnoreError();
      *start->mutable_conclusion() = response.experiment().conclusion();
      batch.starts.push_back(*start);
    }
  }
  planner_ = Planner(planner_.timing(), planner_.evaluated(), started);
  if (batch.starts.empty()) return absl::OkStatus();
  if (absl::Status status = Commit(batch); !status.ok()) return status;
  for (const v1::ScheduleStart& start : batch.starts) {
    if (start.state() == v1::SCHEDULE_START_STATE_INTERRUPTED) RecordEnd(world_.audit, start);
  }
  return absl::OkStatus();
}

absl::Status Schedule::SetPaused(bool paused, const std::string& reason) {
  Batch batch{status_, {}};
  batch.status.set_paused(paused);
  batch.status.set_pause_reason(paused ? reason : "");
  return Commit(batch);
}

absl::Status Schedule::Replace(v1::ScheduleStatus status, Timing timing, Moment now) {
  *status.mutable_create_time() = status_.create_time();
  status.set_paused(status_.paused());
  status.set_pause_reason(status_.pause_reason());
  status.set_starts(status_.starts());
  const Calendar& old = planner_.timing().calendar;
  Batch batch{std::move(status), {}};
  absl::Time evaluated = planner_.evaluated();
  // By other planned times, nothing was planned before now.
  if (batch.status.schedule().cron() != status_.schedule().cron() ||
      timing.calendar.zone != old.zone) {
    if (const absl::Time planned = old.Next(evaluated); planned <= now.time) {
      v1::ScheduleStart start = NewStart(now);
      *start.mutable_planned_time() = ToProto(planned);
      Become(start, v1::SCHEDULE_START_STATE_MISSED,
             "The schedule was changed before its random delay was over.");
      Add(std::move(start), batch);
    }
    evaluated = now.time;
  }
  *batch.status.mutable_evaluated_time() = ToProto(evaluated);
  if (absl::Status kept = Commit(batch); !kept.ok()) return kept;
  planner_.Retime(std::move(timing), evaluated);
  looked_ = absl::InfiniteFuture();
  return absl::OkStatus();
}

Guest* Schedule::Current() const {
  for (const Going& going : going_) {
    if (!going.run->stopping()) return going.run.get();
  }
  return nullptr;
}

v1::ScheduleStart Schedule::NewStart(Moment now) const {
  v1::ScheduleStart start;
  start.set_schedule(status_.schedule().name());
  *start.mutable_time() = ToProto(now.time);
  return start;
}

void Schedule::Add(v1::ScheduleStart start, Batch& batch) const {
  const v1::ScheduleStart* before = last_ ? &*last_ : nullptr;
  if (!batch.starts.empty()) before = &batch.starts.back();
  if (before == nullptr || !Joins(*before, start)) {
    start.set_number(batch.status.starts() + 1);
    batch.status.set_starts(start.number());
    batch.starts.push_back(std::move(start));
    return;
  }
  if (batch.starts.empty()) batch.starts.push_back(*before);
  v1::ScheduleStart& joined = batch.starts.back();
  joined.set_more(joined.more() + 1 + start.more());
  *joined.mutable_last_planned_time() =
      start.more() > 0 ? start.last_planned_time() : start.planned_time();
}

bool Schedule::CommitEnd(Going& going, absl::Time now) {
  Become(going.start,
         going.run->interrupted() ? v1::SCHEDULE_START_STATE_INTERRUPTED
                                  : v1::SCHEDULE_START_STATE_FINISHED,
         going.run->reason());
  if (!going.start.has_end_time()) *going.start.mutable_end_time() = ToProto(now);
  *going.start.mutable_conclusion() = going.run->conclusion();
  if (!Commit({status_, {going.start}}).ok()) return false;
  RecordEnd(world_.audit, going.start);
  return true;
}

void Schedule::CommitEnds(absl::Time now) {
  std::erase_if(
      going_, [this, now](Going& going) { return going.run->finished() && CommitEnd(going, now); });
}

void Schedule::StepGoing(Moment now, Ended& ended) {
  v1::ScheduleStart closed;
  if (Guest* current = Current();
      current != nullptr && Closed(planner_.timing().calendar, now.time, closed)) {
    current->Stop(Guest::By::kPlan,
                  closed.state() == v1::SCHEDULE_START_STATE_SKIPPED_WINDOW
                      ? "its window has closed"
                      : "a blackout date has begun",
                  now.uptime);
  }
  if (Guest* current = Current(); current != nullptr && !current->InsideWindows(now.time))
    current->Stop(Guest::By::kGuard, "guard.window: the window has closed", now.uptime);
  for (Going& going : going_) {
    if (going.ended || !going.run->Step(now.uptime)) continue;
    going.ended = true;
    ended.push_back(going.run);
  }
}

void Schedule::Tick(Moment now, Ended& ended) {
  CommitEnds(now.time);
  if (retired_) return;
  StepGoing(now, ended);
  Take(now);
  TakeQueued(now);
}

void Schedule::Retire(const std::string& reason, Moment now, Ended& ended) {
  retired_ = true;
  for (Going& going : going_) {
    going.run->Stop(Guest::By::kInterruption, reason, now.uptime);
    going.ended = true;
    ended.push_back(going.run);
  }
}

v1::ScheduleStatus Schedule::Describe(absl::Time now) const {
  v1::ScheduleStatus status = status_;
  if (const Guest* current = Current(); current != nullptr)
    status.set_experiment(current->experiment());
  if (status.paused()) return status;
  for (const absl::Time start : planner_.NextStarts(now, kNextStarts))
    *status.add_next_starts() = ToProto(start);
  return status;
}

void Schedule::AddTo(v1::ScheduleOverview& overview, absl::Time now) const {
  overview.set_count(overview.count() + 1);
  if (status_.paused()) overview.set_paused(overview.paused() + 1);
  for (const Going& going : going_) {
    if (going.run->stopping()) continue;
    const v1::Run& run = going.run->record();
    v1::ScheduledExperiment& running = *overview.add_running();
    running.set_schedule(status_.schedule().name());
    running.set_experiment(run.experiment());
    running.set_run(run.id());
    running.set_watches(run.watches());
    *running.mutable_begin_time() = run.begin_time();
  }
  if (status_.paused()) return;
  for (const absl::Time start : planner_.NextStarts(now, 1)) {
    if (overview.has_next_start() && FromProto(overview.next_start()) <= start) continue;
    overview.set_next(status_.schedule().name());
    *overview.mutable_next_start() = ToProto(start);
  }
}

}  // namespace murphy::schedules
