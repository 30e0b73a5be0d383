// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/guest.h"

#include <fmt/format.h>

#include <utility>

#include "daemon/experiments/approval.h"
#include "daemon/experiments/ids.h"
#include "daemon/experiments/judgement.h"
#include "daemon/experiments/moments.h"
#include "daemon/experiments/refusal.h"
#include "daemon/experiments/windows.h"
#include "proto/time.h"

namespace murphy::schedules {
namespace {


// As at the end of any run: an agent that has just left is noticed within a moment; then what is
// held is released, and what is open is waited for.
constexpr absl::Duration kNoticeLeaving = absl::Milliseconds(300);
constexpr absl::Duration kPatience = absl::Seconds(5);

// The arms of a scenario take turns.
v1::Arm ArmOf(const v1::RunSettings& settings, uint64_t number) {
  if (settings.arms().empty()) return v1::ARM_TREATMENT;
  const auto turn = static_cast<int>((number - 1) % static_cast<uint64_t>(settings.arms_size()));
  return settings.arms(turn) == "shadow" ? v1::ARM_SHADOW : v1::ARM_TREATMENT;
}

absl::Status MayStart(const experiments::Policy& policy, const v1::ScheduleStatus& schedule,
                      const v1::Guard& guard, absl::Time time) {
  if (!schedule.approved()) {
    if (absl::Status status = experiments::RequireApproval(policy, guard, ""); !status.ok())
      return status;
  }
  if (absl::Status status = experiments::RequireWindow(guard, "the scenario", time); !status.ok())
    return status;
  return experiments::RequireWindow(policy.ceilings, "this daemon", time);
}

}  // namespace

absl::Duration LengthOf(const v1::Schedule& schedule, const v1::RunSettings& settings) {
  constexpr absl::Duration kDefaultLength = absl::Minutes(10);
  if (schedule.has_duration()) return FromProto(schedule.duration());
  return settings.has_timeout() ? FromProto(settings.timeout()) : kDefaultLength;
}

absl::StatusOr<std::unique_ptr<Guest>> Guest::Prepare(experiments::World& world,
                                                      experiments::Experiments& experiments,
                                                      const v1::ScheduleStatus& schedule,
                                                      uint64_t number, absl::Time time) {
  auto run = std::unique_ptr<Guest>(new Guest(world, experiments));
  const std::string host = schedule.schedule().has_run() ? schedule.schedule().run() : "default";
  run->host_ = world.runs.Find(host).run;
  if (run->host_ == nullptr) {
    return experiments::Refusal(absl::StatusCode::kNotFound, "NO_SUCH_RUN",
                                fmt::format("There is no active run `{}` to watch.", host));
  }
  v1::CreateExperimentRequest request;
  *request.mutable_source() = schedule.source();
  request.set_seed(schedule.seed());
  request.set_validate_only(true);
  v1::CreateExperimentResponse checked;
  if (absl::Status status = experiments.Create(request, &checked); !status.ok()) return status;
  if (absl::Status status =
          MayStart(world.policy, schedule, checked.experiment().scenario().guard(), time);
      !status.ok()) {
    return status;
  }
  request.set_validate_only(false);
  v1::CreateExperimentResponse created;
  if (absl::Status status = experiments.Create(request, &created); !status.ok()) return status;
  auto plan = experiments.PlanFor(created.experiment().id());
  if (!plan.ok()) return plan.status();
  run->plan_ = *std::move(plan);
  const v1::RunSettings& settings = run->plan_->scenario().run();
  run->length_ = LengthOf(schedule.schedule(), settings);
  v1::Run& record = run->record_;
  record.set_id(experiments::NewId());
  record.set_experiment(created.experiment().id());
  record.set_index(static_cast<uint32_t>(number));
  record.set_seed(run->plan_->seed());
  record.set_state(v1::RUN_STATE_ACTIVE);
  record.set_arm(ArmOf(settings, number));
  record.set_watches(host);
  return run;
}

absl::Status Guest::Arm(absl::Duration now) {
  *record_.mutable_begin_time() = experiments::Now();
  v1::Event event;
  *event.mutable_run() = record_;
  if (!world_.journal.Append(std::move(event)))
    return absl::UnavailableError(world_.journal.failure());
  if (absl::Status status = world_.journal.Flush(); !status.ok()) return status;
  deadline_ = now + length_;
  host_->Admit(
      {.id = record_.id(), .index = record_.index(), .arm = record_.arm(), .plan = plan_});
  return absl::OkStatus();
}

void Guest::Stop(By by, const std::string& reason, absl::Duration now) {
  if (stopping_) return;
  stopping_ = true;
  stopped_at_ = now;
  reason_ = reason;
  by_ = by;
  host_->StopGuest(record_.id(), reason);
}

bool Guest::InsideWindows(absl::Time time) const {
  return experiments::WindowOpen(plan_->scenario().guard(), time) &&
         experiments::WindowOpen(world_.policy.ceilings, time);
}

void Guest::LookForEnd(const runs::GuestState& state, absl::Duration now) {
  if (world_.runs.Find(host_->spec().id).run != host_)
    return Stop(By::kPlan, "the run that it watched has ended", now);
  if (!state.stopped.empty()) return Stop(By::kInterruption, state.stopped, now);
  if (!state.ended.empty()) return Stop(state.guarded ? By::kGuard : By::kPlan, state.ended, now);
  if (now >= deadline_) Stop(By::kPlan, "its duration is over", now);
}

bool Guest::Step(absl::Duration now) {
  const auto state = host_->Guest(record_.id());
  if (state && !stopping_) LookForEnd(*state, now);
  if (!state) Stop(By::kInterruption, "its guest has left", now);
  if (!stopping_) return false;
  const bool open = state && state->open > 0;
  if (!open || now - stopped_at_ >= kPatience) return true;
  if (!released_ && now - stopped_at_ >= kNoticeLeaving) {
    released_ = true;
    host_->ReleaseGuest(record_.id());
  }
  return false;
}

void Guest::Finish() {
  std::call_once(finish_, [this] {
    Judge();
    finished_.store(true, std::memory_order_release);
  });
}

void Guest::Judge() {
  host_->ReleaseGuest(record_.id());
  runs::GuestEnd left = host_->Dismiss(record_.id());
  for (v1::Injection& injection : left.unreached) {
    v1::Event event;
    *event.mutable_injection() = std::move(injection);
    world_.journal.Append(std::move(event));
  }
  *record_.mutable_realised() = std::move(left.realised);
  experiments::RunEnd end;
  end.integrity = std::move(left.integrity);
  if (end.integrity.empty() && interrupted())
    end.integrity = fmt::format("Faults stopped early: {}.", reason_);
  if (by_ == By::kGuard) end.guard = reason_;
  record_.set_disarm_cause(by_ == By::kGuard ? v1::DISARM_CAUSE_GUARD : v1::DISARM_CAUSE_ENDED);
  record_.set_disarm_reason(reason_);
  experiments::Judge(world_.journal, record_, plan_->scenario(), std::move(end));
  EndExperiment();
}

void Guest::EndExperiment() {
  v1::FinishExperimentResponse response;
  const absl::Status status = experiments_.Conclude(record_.experiment(), &response);
  conclusion_ = response.experiment().conclusion();
  if (!status.ok()) conclusion_.set_reason(std::string(status.message()));
}

}  // namespace murphy::schedules
