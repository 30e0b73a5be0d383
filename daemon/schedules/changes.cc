// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "daemon/experiments/approval.h"
#include "daemon/experiments/mistakes.h"
#include "daemon/experiments/moments.h"
#include "daemon/experiments/refusal.h"
#include "daemon/schedules/guest.h"
#include "daemon/schedules/schedules.h"
#include "daemon/schedules/text.h"
#include "google/protobuf/descriptor.h"
#include "proto/time.h"

namespace murphy::schedules {
namespace {


constexpr size_t kMostSchedules = 200;
constexpr absl::Duration kDefaultGuard = absl::Minutes(10);

// Where the experiment ends before its time.
void WarnOfGuard(const v1::Schedule& schedule, const v1::Scenario& scenario,
                 v1::PlanSummary& plan) {
  const absl::Duration length = LengthOf(schedule, scenario.run());
  const absl::Duration guard = scenario.guard().has_max_duration()
                                   ? FromProto(scenario.guard().max_duration())
                                   : kDefaultGuard;
  if (guard >= length) return;
  plan.add_warnings(
      fmt::format("guard.max_duration ends the faults after {}, before the {} of the "
                  "schedule's duration.",
                  absl::FormatDuration(guard), absl::FormatDuration(length)));
}

// What says how an agent is run says nothing where none is.
void WarnOfSettings(const v1::RunSettings& settings, v1::PlanSummary& plan) {
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  settings.GetReflection()->ListFields(settings, &fields);
  for (const auto* field : fields) {
    const std::string& name = field->name();
    if (name == "arms" || name == "timeout" || name == "seed") continue;
    plan.add_warnings(fmt::format("A schedule runs no agent: it does not look at run.{}.", name));
  }
}

}  // namespace

absl::Status Schedules::CheckScenario(const v1::UpdateScheduleRequest& request,
                                      const Schedule* before, Checked& checked) {
  const v1::Schedule& schedule = checked.status.schedule();
  v1::CreateExperimentRequest check;
  check.set_validate_only(true);
  *check.mutable_source() = request.source().scenario();
  *check.mutable_source()->mutable_inline_faults() = schedule.faults();
  *checked.status.mutable_source() = check.source();
  if (schedule.has_seed()) check.set_seed(schedule.seed());
  v1::CreateExperimentResponse tried;
  if (absl::Status wrong = experiments_.Create(check, &tried); !wrong.ok()) return wrong;
  const v1::Scenario& scenario = tried.experiment().scenario();
  if (!request.validate_only()) {
    absl::Status refused =
        experiments::RequireApproval(world_.policy, scenario.guard(), request.approval_token());
    if (!refused.ok()) return refused;
    checked.status.set_approved(scenario.guard().require_approval());
  }
  const bool named =
      schedule.has_seed() || scenario.has_seed() || scenario.run().has_seed();
  checked.status.set_seed(named || before == nullptr ? tried.experiment().seed() : before->seed());
  checked.plan = std::move(*tried.mutable_plan());
  WarnOfGuard(schedule, scenario, checked.plan);
  WarnOfSettings(scenario.run(), checked.plan);
  return absl::OkStatus();
}

absl::Status Schedules::CheckName(const std::string& name, Before expected, const std::string& what,
                                  const config::Origins& origins) const {
  const auto before = entries_.find(name);
  if (before == entries_.end()) {
    if (expected == Before::kOne) return NoSchedule(name);
    if (entries_.size() < kMostSchedules) return absl::OkStatus();
    return experiments::Refusal(absl::StatusCode::kResourceExhausted, "TOO_MANY_SCHEDULES",
                                fmt::format("There are {} schedules already.", kMostSchedules));
  }
  if (before->second.retired()) {
    return experiments::Refusal(absl::StatusCode::kAborted, "SCHEDULE_ENDING",
                                fmt::format("The schedule `{}` is being deleted. Try again in a "
                                            "moment.",
                                            name));
  }
  if (expected != Before::kNone) return absl::OkStatus();
  return experiments::MistakesIn(
      what,
      {{"name", fmt::format("there is a schedule `{0}` already: `murphy schedule "
                            "apply` changes it, `murphy schedule delete {0}` ends it",
                            name)}},
      origins);
}

absl::StatusOr<Schedules::Checked> Schedules::Check(const v1::UpdateScheduleRequest& request,
                                                    Before expected, absl::Time now) {
  const v1::ScheduleSource& source = request.source();
  const std::string what = source.name().empty() ? "schedule.toml" : source.name();
  auto reading = ReadSchedule(source, now);
  if (!reading.ok()) return reading.status();
  const v1::Schedule& schedule = reading->schedule;
  if (absl::Status wrong = CheckName(schedule.name(), expected, what, reading->origins);
      !wrong.ok()) {
    return wrong;
  }
  const std::string host = schedule.has_run() ? schedule.run() : "default";
  if (world_.runs.Find(host).run == nullptr) {
    return experiments::MistakesIn(
        what, {{"run", fmt::format("there is no active run `{}` to watch", host)}},
        reading->origins);
  }
  Checked checked;
  *checked.status.mutable_schedule() = schedule;
  *checked.status.mutable_create_time() = ToProto(now);
  *checked.status.mutable_evaluated_time() = ToProto(now);
  const bool bare = schedule.has_scenario() && source.scenario().text().empty();
  if (bare && !request.validate_only()) {
    return experiments::BadRequest(
        "The scenario is missing",
        {{"source.scenario", fmt::format("expected the text of {}", schedule.scenario())}});
  }
  if (!bare) {
    const auto before = entries_.find(schedule.name());
    absl::Status wrong =
        CheckScenario(request, before == entries_.end() ? nullptr : &before->second, checked);
    if (!wrong.ok()) return wrong;
  }
  std::vector<scenario::Mistake> none;
  checked.timing = TimingOf(schedule, checked.status.seed(), none);
  return checked;
}

absl::Status Schedules::Keep(Checked checked, bool validate_only, Moment now,
                             v1::ScheduleStatus* kept) {
  const std::string name = checked.status.schedule().name();
  if (const auto before = entries_.find(name); before != entries_.end() && !validate_only) {
    before->second.Tick(now, ended_);
    ended_changed_.notify_all();
    absl::Status replaced =
        before->second.Replace(std::move(checked.status), std::move(checked.timing), now);
    *kept = before->second.Describe(now.time);
    return replaced;
  }
  Planner planner(std::move(checked.timing), now.time, {});
  Schedule entry(world_, experiments_, std::move(checked.status), std::move(planner));
  *kept = entry.Describe(now.time);
  if (validate_only) return absl::OkStatus();
  if (absl::Status saved = entry.Save(); !saved.ok()) return saved;
  entries_.emplace(name, std::move(entry));
  return absl::OkStatus();
}

absl::Status Schedules::Create(const v1::CreateScheduleRequest& request,
                               v1::CreateScheduleResponse* response) {
  const std::lock_guard lock(mutex_);
  if (const auto repeats = created_.Repeats(request, response); !repeats.ok() || *repeats)
    return repeats.status();
  const Moment now = Now();
  v1::UpdateScheduleRequest update;
  update.set_validate_only(request.validate_only());
  *update.mutable_source() = request.source();
  update.set_approval_token(request.approval_token());
  auto checked = Check(update, Before::kNone, now.time);
  if (!checked.ok()) return checked.status();
  *response->mutable_plan() = checked->plan;
  absl::Status kept =
      Keep(*std::move(checked), request.validate_only(), now, response->mutable_status());
  if (!kept.ok() || request.validate_only()) return kept;
  created_.Keep(request, *response);
  return absl::OkStatus();
}

absl::Status Schedules::Update(const v1::UpdateScheduleRequest& request,
                               v1::UpdateScheduleResponse* response) {
  const std::lock_guard lock(mutex_);
  if (const auto repeats = updated_.Repeats(request, response); !repeats.ok() || *repeats)
    return repeats.status();
  const Moment now = Now();
  const Before expected = request.allow_missing() ? Before::kAny : Before::kOne;
  auto checked = Check(request, expected, now.time);
  if (!checked.ok()) return checked.status();
  *response->mutable_plan() = checked->plan;
  response->set_created(!entries_.contains(checked->status.schedule().name()));
  absl::Status kept =
      Keep(*std::move(checked), request.validate_only(), now, response->mutable_status());
  if (!kept.ok() || request.validate_only()) return kept;
  updated_.Keep(request, *response);
  return absl::OkStatus();
}

}  // namespace murphy::schedules
