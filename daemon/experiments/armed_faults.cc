// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/armed_faults.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "daemon/config/describe.h"
#include "daemon/config/reader.h"
#include "daemon/experiments/approval.h"
#include "daemon/experiments/ids.h"
#include "daemon/experiments/mistakes.h"
#include "daemon/experiments/policy.h"
#include "daemon/experiments/refusal.h"
#include "daemon/experiments/windows.h"
#include "faults/nearest.h"
#include "proto/time.h"

namespace murphy::experiments {
namespace {

constexpr absl::Duration kDefaultTime = absl::Seconds(60);
constexpr absl::Duration kLongestTime = absl::Hours(24);

v1::ArmedFault Describe(const runs::ArmedFault& armed, const std::string& run) {
  v1::ArmedFault fault;
  fault.set_id(armed.id);
  fault.set_fault(armed.text);
  fault.set_run(run);
  *fault.mutable_expire_time() = ToProto(armed.expire);
  fault.set_fired(armed.fired);
  return fault;
}

// A plan of one rule, under the daemon's ceilings, for at most `time` (which the ceilings may
// lower).
absl::StatusOr<std::shared_ptr<const scenario::Plan>> Compile(const Policy& policy,
                                                              const std::string& text,
                                                              absl::Duration& time) {
  v1::Scenario scenario;
  config::Origins origins;
  scenario.set_schema("murphy.scenario/v1");
  scenario.set_name("one-off");
  const auto misread = config::ReadInlineRule("fault", text, scenario, &origins);
  if (!misread.empty()) return MistakesIn("The fault", misread);
  v1::Guard& guard = *scenario.mutable_guard();
  *guard.mutable_max_duration() = ToProto(time);
  std::vector<std::string> notes;
  if (absl::Status status = CheckEnvironment(policy, guard, /*one_off=*/true); !status.ok())
    return status;
  AllowWhatCannotAsk(policy.ceilings, guard);
  if (absl::Status status = Tighten(policy.ceilings, guard, notes); !status.ok()) return status;
  time = FromProto(guard.max_duration());
  std::vector<scenario::Mistake> mistakes;
  auto plan = scenario::Plan::Compile(scenario, NewSeed(), mistakes);
  if (plan == nullptr) return MistakesIn("The fault", mistakes, origins);
  return plan;
}

absl::Status GoneWithTheDaemon() {
  return Refusal(absl::StatusCode::kFailedPrecondition, "DAEMON_RESTARTED",
                 "This request armed its fault before the daemon was restarted, and nothing stays "
                 "armed over that. Arm it again with another request id.");
}

}  // namespace

absl::Status ArmedFaults::Arm(const v1::ArmFaultRequest& request, v1::ArmFaultResponse* response) {
  const std::lock_guard lock(mutex_);
  bool old = false;
  if (const auto repeats = armed_.Repeats(request, response, &old); !repeats.ok() || *repeats)
    return old ? GoneWithTheDaemon() : repeats.status();
  absl::Duration time = request.has_ttl() ? FromProto(request.ttl()) : kDefaultTime;
  if (time <= absl::ZeroDuration() || time > kLongestTime) {
    return BadRequest("The fault has a mistake",
                      {{"ttl", "expected more than 0 s, and at most 24 h"}});
  }
  auto plan = Compile(world_.policy, request.fault(), time);
  if (!plan.ok()) return plan.status();
  const v1::Guard& guard = (*plan)->scenario().guard();
  if (absl::Status status = RequireApproval(world_.policy, guard, request.approval_token());
      !status.ok()) {
    return status;
  }
  if (absl::Status status = RequireWindow(world_.policy.ceilings, "this daemon", absl::Now());
      !status.ok()) {
    return status;
  }
  const std::string id = request.run().empty() ? "default" : request.run();
  const auto run = world_.runs.Find(id).run;
  if (run == nullptr) {
    return Refusal(absl::StatusCode::kNotFound, "NO_SUCH_RUN",
                   fmt::format("There is no active run `{}`.", id));
  }
  if (const std::string why = run->disarm_reason();
      !why.empty() && run->disarm_cause() != v1::DISARM_CAUSE_HALT) {
    return Refusal(absl::StatusCode::kFailedPrecondition, "RUN_DISARMED",
                   fmt::format("The run `{}` takes no faults any more: {}.", id, why));
  }
  runs::ArmedFault armed{.text = request.fault(), .expire = absl::Now() + time};
  armed.id = run->Arm(request.fault(), *std::move(plan), armed.expire);
  *response->mutable_fault() = experiments::Describe(armed, id);
  armed_.Keep(request, *response);
  return absl::OkStatus();
}

absl::Status ArmedFaults::Disarm(const v1::DisarmFaultRequest& request, v1::DisarmFaultResponse*) {
  for (const auto& run : world_.runs.Live()) {
    if (run->DisarmFault(request.id())) return absl::OkStatus();
  }
  return Refusal(
      absl::StatusCode::kNotFound, "NO_SUCH_FAULT",
      fmt::format("There is no armed fault `{}`: it may have disarmed itself.", request.id()));
}

absl::Status ArmedFaults::List(const v1::ListFaultsRequest&, v1::ListFaultsResponse* response) {
  for (const auto& run : world_.runs.Live()) {
    for (const runs::ArmedFault& armed : run->Armed())
      *response->add_faults() = experiments::Describe(armed, run->spec().id);
  }
  return absl::OkStatus();
}

absl::Status ArmedFaults::Describe(const v1::DescribeFaultsRequest& request,
                                   v1::DescribeFaultsResponse* response) {
  for (v1::FaultDescription& fault : config::DescribeFaults(request.name())) {
    *response->add_faults() = std::move(fault);
  }
  if (response->faults_size() > 0) return absl::OkStatus();
  const std::vector<std::string> names = config::FaultNames();
  const std::string_view nearest = NearestName(request.name(), names);
  return Refusal(absl::StatusCode::kNotFound, "NO_SUCH_FAULT",
                 fmt::format("There is no fault `{}`{}", request.name(),
                             nearest.empty() ? "." : fmt::format("; did you mean `{}`?", nearest)));
}

bool ArmedFaults::any() const {
  for (const auto& run : world_.runs.Live()) {
    if (!run->Armed().empty()) return true;
  }
  return false;
}

void ArmedFaults::Tick() {
  // A run takes care itself of those whose time is up.
  if (WindowOpen(world_.policy.ceilings, absl::Now())) return;
  for (const auto& run : world_.runs.Live()) {
    for (const runs::ArmedFault& armed : run->Armed()) run->DisarmFault(armed.id);
  }
}

}  // namespace murphy::experiments
