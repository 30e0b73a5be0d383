// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/run_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "daemon/experiments/approval.h"
#include "daemon/experiments/ids.h"
#include "daemon/experiments/judgement.h"
#include "daemon/experiments/mistakes.h"
#include "daemon/experiments/refusal.h"
#include "daemon/experiments/windows.h"
#include "daemon/runs/route.h"
#include "proto/time.h"

namespace murphy::experiments {
namespace {

constexpr absl::Duration kDefaultLease = absl::Seconds(5);
constexpr absl::Duration kLongestLease = absl::Seconds(60);
// How long the end of a run waits for exchanges that are still open.
constexpr absl::Duration kPatience = absl::Seconds(5);
// Clients take messages of 4 MiB by default; the run itself needs some of it.
constexpr size_t kMostMessageBytes = 3 << 20;
constexpr size_t kFieldBytes = 8;
constexpr uint32_t kPageSize = 50;
constexpr uint32_t kLargestPage = 1000;

absl::Status NoRun(const std::string& id) {
  return Refusal(absl::StatusCode::kNotFound, "NO_SUCH_RUN",
                 fmt::format("There is no run `{}`.", id));
}

absl::Status NotActive(const std::string& id, runs::Runs::Found found) {
  if (found == runs::Runs::Found::kUnknown) return NoRun(id);
  return Refusal(absl::StatusCode::kFailedPrecondition, "RUN_ENDED",
                 fmt::format("The run `{}` has ended.", id));
}

// A run without an experiment is observed, and nothing is injected.
std::shared_ptr<const scenario::Plan> ObservingPlan() {
  v1::Scenario scenario;
  scenario.set_schema("murphy.scenario/v1");
  scenario.set_name("observe");
  std::vector<scenario::Mistake> none;
  return scenario::Plan::Compile(scenario, 0, none);
}

// As many as one message holds; ListInjections has the others.
void AddInjections(std::vector<v1::Injection> injections, v1::FinishRunResponse* response) {
  size_t bytes = 0;
  for (v1::Injection& injection : injections) {
    bytes += injection.ByteSizeLong() + kFieldBytes;
    if (bytes > kMostMessageBytes) {
      response->set_next_page_token(fmt::to_string(response->injections().rbegin()->id()));
      return;
    }
    *response->add_injections() = std::move(injection);
  }
}

// What the scenario would judge, and nothing that goes wrong.
absl::StatusOr<std::shared_ptr<const scenario::Plan>> WithoutFaults(const scenario::Plan& plan) {
  v1::Scenario scenario = plan.scenario();
  scenario.clear_rule();
  // What speaks of them goes with them.
  auto& expects = *scenario.mutable_expect();
  const auto named = [](const v1::Expect& expect) {
    return expect.has_fires() || expect.has_no_synergy();
  };
  expects.erase(std::remove_if(expects.begin(), expects.end(), named), expects.end());
  scenario.clear_probe();
  scenario.clear_phase();
  scenario.clear_group();
  scenario.clear_cause();
  scenario.clear_guard();
  std::vector<scenario::Mistake> mistakes;
  auto harmless = scenario::Plan::Compile(scenario, plan.seed(), mistakes);
  if (harmless == nullptr) return MistakesIn("The scenario without its rules", mistakes, {});
  return harmless;
}

v1::Arm ArmOf(const v1::StartRunRequest& request) {
  return request.arm() == v1::ARM_UNSPECIFIED ? v1::ARM_TREATMENT : request.arm();
}

}  // namespace

RunBook::RunBook(World& world, Experiments& experiments, std::string gateway,
                 std::function<absl::Duration()> uptime)
    : world_(world),
      experiments_(experiments),
      gateway_(std::move(gateway)),
      uptime_(std::move(uptime)),
      records_(1, 0),
      endings_(2, 0) {}

absl::StatusOr<std::shared_ptr<const scenario::Plan>> RunBook::PlanFor(
    const v1::StartRunRequest& request) {
  if (request.experiment().empty()) return ObservingPlan();
  auto plan = experiments_.PlanFor(request.experiment());
  if (!plan.ok() || ArmOf(request) != v1::ARM_BASELINE) return plan;
  return WithoutFaults(**plan);
}

absl::Status RunBook::MayInject(const scenario::Plan& plan, const std::string& token) const {
  if (plan.rules().empty()) return absl::OkStatus();
  const v1::Guard& guard = plan.scenario().guard();
  if (absl::Status status = RequireApproval(world_.policy, guard, token); !status.ok())
    return status;
  if (absl::Status status = RequireWindow(guard, "the scenario", absl::Now()); !status.ok())
    return status;
  return RequireWindow(world_.policy.ceilings, "this daemon", absl::Now());
}

absl::StatusOr<runs::RouteTable> RunBook::RoutesFor(const v1::StartRunRequest& request) const {
  runs::RouteTable routes = world_.runs.routes();
  std::vector<Violation> violations;
  for (const auto& [name, url] : request.routes()) {
    // A known route that leads elsewhere for this run still speaks the same dialect.
    const auto known = routes.find(name);
    const std::string provider = known == routes.end() ? "" : known->second->provider;
    absl::StatusOr<runs::Route> route =
        runs::ParseRoute(name, url, provider, /*allow_link_local=*/false);
    if (route.ok()) {
      routes[name] = std::make_shared<const runs::Route>(*std::move(route));
    } else {
      violations.push_back({fmt::format("routes.{}", name), std::string(route.status().message())});
    }
  }
  if (!violations.empty()) return BadRequest("The run's routes are not right", violations);
  return routes;
}

absl::Status RunBook::CountOn(const v1::StartRunRequest& request, runs::RunSpec& spec) const {
  const std::string counted = spec.plan->counted_over_runs();
  if (counted.empty()) return absl::OkStatus();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, page] : pages_) {
      if (page.experiment != request.experiment() || page.arm != ArmOf(request)) continue;
      return Refusal(
          absl::StatusCode::kFailedPrecondition, "RUN_NOT_FINISHED",
          fmt::format("In this experiment {}, so its runs come one after another: finish run `{}` "
                      "first.",
                      counted, id));
    }
  }
  const auto runs = world_.journal.Runs(request.experiment(), kLargestPage, "");
  if (!runs.ok()) return runs.status();
  // Latest first. A run that has not ended as one should, at a crash, has counted nothing.
  for (const v1::Run& run : *runs) {
    if (run.arm() != ArmOf(request) || run.state() != v1::RUN_STATE_FINISHED) continue;
    spec.counts = {run.counts().begin(), run.counts().end()};
    spec.injections = run.injections_before() + run.injections();
    break;
  }
  return absl::OkStatus();
}

// What a start before this daemon's came to: that run is over.
absl::Status RunBook::Recall(v1::StartRunResponse* response) {
  v1::GetRunRequest get;
  get.set_id(response->run().id());
  v1::GetRunResponse got;
  if (absl::Status status = Get(get, &got); !status.ok()) return status;
  *response->mutable_run() = std::move(*got.mutable_run());
  return absl::OkStatus();
}

absl::Status RunBook::Start(const v1::StartRunRequest& request, v1::StartRunResponse* response) {
  const std::lock_guard starting(start_mutex_);
  bool old = false;
  if (const auto repeats = started_.Repeats(request, response, &old); !repeats.ok() || *repeats)
    return old ? Recall(response) : repeats.status();
  const absl::Duration lease = request.has_lease() ? FromProto(request.lease()) : kDefaultLease;
  if (lease <= absl::ZeroDuration() || lease > kLongestLease) {
    return BadRequest("The lease is not right",
                      {{"lease", "expected more than 0 s, and at most 60 s"}});
  }
  if (!v1::Arm_IsValid(request.arm())) {
    return BadRequest("The arm is not right", {{"arm", "expected ARM_TREATMENT, ARM_SHADOW or ARM_BASELINE"}});
  }
  auto plan = PlanFor(request);
  if (!plan.ok()) return plan.status();
  if (absl::Status status = MayInject(**plan, request.approval_token()); !status.ok())
    return status;
  auto routes = RoutesFor(request);
  if (!routes.ok()) return routes.status();

  runs::RunSpec spec;
  spec.id = NewId();
  spec.experiment = request.experiment();
  spec.index = request.index();
  spec.arm = ArmOf(request);
  spec.seed = (*plan)->seed();
  spec.plan = *plan;
  if (absl::Status status = CountOn(request, spec); !status.ok()) return status;
  spec.routes = *std::move(routes);
  spec.own_routes = {request.routes().begin(), request.routes().end()};
  {
    const bool injects = !(*plan)->rules().empty();
    const std::lock_guard lock(mutex_);
    pages_[spec.id] = {.experiment = spec.experiment, .arm = spec.arm, .injects = injects};
    if (!(*plan)->scenario().guard().window().empty()) windowed_.insert(spec.id);
    // A run that injects nothing may do without one, unless its controller speaks of it.
    leases_.Add(spec.id, lease, /*required=*/injects || request.has_lease(), uptime_());
  }
  const std::string id = spec.id;
  const auto run = world_.runs.Start(std::move(spec));
  absl::Status status = run.ok() ? world_.journal.Flush() : run.status();
  if (!status.ok()) {
    if (run.ok()) world_.runs.Finish(id, absl::ZeroDuration()).IgnoreError();
    Close(id);
    return status;
  }
  if (world_.runs.halted()) StoppedEarly(id, "injections were halted when the run began");
  Describe(**run, response);
  started_.Keep(request, *response);
  return absl::OkStatus();
}

void RunBook::Describe(const runs::Run& run, v1::StartRunResponse* response) const {
  *response->mutable_run() = run.Describe();
  response->set_gateway(gateway_);
  for (const auto& [name, route] : run.spec().routes) {
    (*response->mutable_route_urls())[name] =
        fmt::format("{}/r/{}/{}", gateway_, run.spec().id, name);
  }
}

absl::Status RunBook::Report(const v1::ReportOutcomeRequest& request, v1::ReportOutcomeResponse*) {
  const auto lookup = world_.runs.Find(request.run());
  const std::lock_guard lock(mutex_);
  const auto page = pages_.find(request.run());
  if (page == pages_.end() || page->second.judged) return NotActive(request.run(), lookup.found);
  page->second.report = request.report();
  return absl::OkStatus();
}

RunBook::Page RunBook::EndLease(const std::string& run) {
  const std::lock_guard lock(mutex_);
  const auto page = pages_.find(run);
  if (page == pages_.end() || !page->second.over.has_value()) return Page();
  leases_.Remove(run);
  Page known = page->second;
  page->second.over.reset();
  page->second.judged = true;
  return known;
}

void RunBook::Close(const std::string& run) {
  const std::lock_guard lock(mutex_);
  leases_.Remove(run);
  pages_.erase(run);
  windowed_.erase(run);
}

absl::Status RunBook::FinishedBefore(const std::string& id, v1::FinishRunResponse* response) {
  auto run = world_.journal.FindRun(id);
  if (!run.ok()) return run.status();
  if (!run->has_value() || (*run)->state() != v1::RUN_STATE_FINISHED) return NoRun(id);
  auto injections = world_.journal.Injections(id);
  if (!injections.ok()) return injections.status();
  *response->mutable_run() = **std::move(run);
  AddInjections(*std::move(injections), response);
  return absl::OkStatus();
}

absl::Status RunBook::EndTraffic(const std::string& id) {
  const auto lookup = world_.runs.Find(id);
  if (lookup.run == nullptr) return NotActive(id, lookup.found);
  Over over{.run = lookup.run,
            .at = absl::Now(),
            .disarm_reason = lookup.run->disarm_reason(),
            .disarm_cause = lookup.run->disarm_cause()};
  const auto finished = world_.runs.Finish(id, kPatience);
  if (!finished.ok()) return finished.status();
  const std::lock_guard lock(mutex_);
  pages_[id].over = std::move(over);
  return absl::OkStatus();
}

absl::Status RunBook::CloseRun(const v1::CloseRunRequest& request, v1::CloseRunResponse*) {
  {
    const std::lock_guard lock(mutex_);
    const auto page = pages_.find(request.run());
    if (page != pages_.end() && page->second.over.has_value()) return absl::OkStatus();
  }
  return EndTraffic(request.run());
}

RunEnd RunBook::EndOf(const v1::FinishRunRequest& request, Page page) {
  RunEnd end;
  if (request.has_exit_code()) end.exit_code = request.exit_code();
  end.report = std::move(page.report);
  end.hung = request.hung();
  end.interrupted = request.interrupted();
  end.integrity = page.over->run->integrity();
  if (end.integrity.empty() && !page.stopped_early.empty()) {
    end.integrity = fmt::format("Faults stopped early: {}.", page.stopped_early);
  }
  if (page.over->disarm_cause == v1::DISARM_CAUSE_GUARD) end.guard = page.over->disarm_reason;
  end.at = page.over->at;
  if (page.arm == v1::ARM_TREATMENT) end.control = controls_.Of(page.experiment);
  return end;
}

absl::Status RunBook::Finish(const v1::FinishRunRequest& request, v1::FinishRunResponse* response) {
  if (world_.runs.Find(request.run()).run != nullptr) {
    if (absl::Status status = EndTraffic(request.run()); !status.ok()) return status;
  }
  const Page page = EndLease(request.run());
  if (!page.over.has_value()) return FinishedBefore(request.run(), response);
  v1::Run run = page.over->run->Describe();
  run.set_disarm_reason(page.over->disarm_reason);
  run.set_disarm_cause(page.over->disarm_cause);
  const auto& plan = page.over->run->spec().plan;
  // Whoever knows that the run has ended finds on record what ended its faults.
  AwaitRecords();
  Judged judged =
      Judge(world_.journal, std::move(run), plan->scenario(), EndOf(request, page));
  if (!page.experiment.empty() && page.arm != v1::ARM_TREATMENT && !request.interrupted())
    controls_.Add(page.experiment, judged.run.outcome());
  Close(request.run());
  *response->mutable_run() = std::move(judged.run);
  AddInjections(std::move(judged.injections), response);
  return absl::OkStatus();
}

void RunBook::Interrupt(const std::string& run) {
  v1::FinishRunRequest request;
  request.set_run(run);
  request.set_interrupted(true);
  v1::FinishRunResponse response;
  // One that is being finished by somebody else is no longer ours.
  Finish(request, &response).IgnoreError();
}

void RunBook::EndAbandoned(const std::string& run) {
  std::string experiment;
  {
    const std::lock_guard lock(mutex_);
    if (const auto page = pages_.find(run); page != pages_.end())
      experiment = page->second.experiment;
  }
  Interrupt(run);
  Close(run);
  if (experiment.empty()) return;
  if (!OpenRunsOf(experiment).empty()) return;
  controls_.Drop(experiment);
  experiments_.Interrupt(experiment, "its controller was gone");
}

absl::Status RunBook::Get(const v1::GetRunRequest& request, v1::GetRunResponse* response) {
  if (const auto lookup = world_.runs.Find(request.id()); lookup.run != nullptr) {
    *response->mutable_run() = lookup.run->Describe();
    return absl::OkStatus();
  }
  auto run = world_.journal.FindRun(request.id());
  if (!run.ok()) return run.status();
  if (!run->has_value()) return NoRun(request.id());
  *response->mutable_run() = **std::move(run);
  return absl::OkStatus();
}

absl::Status RunBook::List(const v1::ListRunsRequest& request, v1::ListRunsResponse* response) {
  if (!request.page_token().empty() && !IsId(request.page_token())) return WrongPageToken();
  const uint32_t most =
      std::min(request.page_size() == 0 ? kPageSize : request.page_size(), kLargestPage);
  auto runs = world_.journal.Runs(request.experiment(), most, request.page_token());
  if (!runs.ok()) return runs.status();
  if (runs->size() == most) response->set_next_page_token(runs->back().id());
  for (v1::Run& run : *runs) {
    // A guard disarms a run without a word to the journal.
    const auto live = world_.runs.Find(run.id()).run;
    *response->add_runs() = live != nullptr ? live->Describe() : std::move(run);
  }
  return absl::OkStatus();
}

absl::Status RunBook::OpenLease(const std::string& run) {
  const auto lookup = world_.runs.Find(run);
  const std::lock_guard lock(mutex_);
  switch (leases_.Open(run, uptime_())) {
    case Leases::Opening::kOpen:
      return absl::OkStatus();
    case Leases::Opening::kOver:
      return Refusal(
          absl::StatusCode::kFailedPrecondition, "LEASE_OVER",
          fmt::format(
              "The lease of run `{}` is over: its faults stay disarmed. Finish it, and start "
              "another one.",
              run));
    case Leases::Opening::kUnknown:
      break;
  }
  return NotActive(run, lookup.found);
}

void RunBook::RenewLease(const std::string& run) {
  const std::lock_guard lock(mutex_);
  leases_.Renew(run, uptime_());
}

void RunBook::CloseLease(const std::string& run) {
  {
    const std::lock_guard lock(mutex_);
    if (!leases_.Close(run, uptime_())) return;
  }
  Disarm(run, v1::DISARM_CAUSE_LEASE, "the controller is gone: its lease has ended");
}

bool RunBook::any_lease() const {
  const std::lock_guard lock(mutex_);
  return leases_.any_held();
}

void RunBook::Disarm(const std::string& id, v1::DisarmCause cause, const std::string& reason) {
  const auto run = world_.runs.Find(id).run;
  if (run == nullptr) return;
  run->Disarm(cause, reason);
  StoppedEarly(id, reason);
  Journal(*run);
  v1::AuditEntry entry;
  entry.set_actor("murphyd");
  entry.set_call("DisarmRun");
  entry.set_request(fmt::format(R"({{"run":"{}"}})", id));
  entry.set_reason(reason);
  entry.set_result("OK");
  // What happens by itself happens even where it cannot be put on record.
  records_.Post([this, entry = std::move(entry)] { world_.audit.AppendDone(entry).IgnoreError(); });
}

void RunBook::AwaitRecords() {
  std::promise<void> written;
  records_.Post([&written] { written.set_value(); });
  written.get_future().wait();
}

void RunBook::Journal(const runs::Run& run) {
  v1::Event event;
  *event.mutable_run() = run.Describe();
  world_.journal.Append(std::move(event));
}

void RunBook::StoppedEarly(const std::string& run, const std::string& reason) {
  const std::lock_guard lock(mutex_);
  const auto found = pages_.find(run);
  if (found == pages_.end()) return;
  Page& page = found->second;
  if (page.injects && page.stopped_early.empty()) page.stopped_early = reason;
}

}  // namespace murphy::experiments
