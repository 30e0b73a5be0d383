// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/experiments.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "daemon/config/describe.h"
#include "daemon/experiments/ids.h"
#include "daemon/experiments/mistakes.h"
#include "daemon/experiments/moments.h"
#include "daemon/experiments/plan_summary.h"
#include "daemon/experiments/policy.h"
#include "daemon/experiments/refusal.h"
#include "daemon/experiments/rehearsals.h"
#include "daemon/experiments/source.h"
#include "daemon/outcome/classify.h"
#include "faults/nearest.h"

namespace murphy::experiments {
namespace {

constexpr uint32_t kPage = 50;
constexpr uint32_t kLargestPage = 500;
constexpr size_t kMostPlans = 256;
constexpr size_t kMostRuns = 100'000;
constexpr size_t kRecentExchanges = 10'000;

absl::Status NoExperiment(const std::string& id) {
  return Refusal(absl::StatusCode::kNotFound, "NO_SUCH_EXPERIMENT",
                 fmt::format("There is no experiment `{}`.", id));
}

}  // namespace

absl::Status Experiments::Create(const v1::CreateExperimentRequest& request,
                                 v1::CreateExperimentResponse* response) {
  const std::lock_guard lock(mutex_);
  if (const auto repeats = created_.Repeats(request, response); !repeats.ok() || *repeats)
    return repeats.status();
  const auto seed = request.has_seed() ? std::optional(request.seed()) : std::nullopt;
  absl::StatusOr<Compiled> compiled = CompileSource(world_.policy, request.source(), seed);
  if (!compiled.ok()) return compiled.status();

  const auto recent =
      world_.journal.RecentExchanges(absl::Now() - absl::Hours(1), kRecentExchanges);
  *response->mutable_plan() =
      Summarise(*compiled->plan, recent.ok() ? *recent : std::vector<v1::Exchange>());
  for (const std::string& note : compiled->notes) response->mutable_plan()->add_warnings(note);
  v1::Experiment& experiment = *response->mutable_experiment();
  *experiment.mutable_scenario() = Kept(compiled->scenario);
  experiment.set_seed(compiled->plan->seed());
  if (request.validate_only()) return absl::OkStatus();

  experiment.set_id(NewId());
  *experiment.mutable_begin_time() = Now();
  if (request.has_invocation()) *experiment.mutable_invocation() = Kept(request.invocation());
  if (absl::Status status = world_.journal.PutExperiment(experiment); !status.ok()) return status;
  if (plans_.size() >= kMostPlans) plans_.erase(plans_.begin());
  plans_[experiment.id()] = compiled->plan;
  created_.Keep(request, *response);
  return absl::OkStatus();
}

absl::StatusOr<v1::Experiment> Experiments::Find(const std::string& id) {
  auto experiment = world_.journal.FindExperiment(id);
  if (!experiment.ok()) return experiment.status();
  if (!experiment->has_value()) return NoExperiment(id);
  return **std::move(experiment);
}

absl::Status Experiments::Get(const v1::GetExperimentRequest& request,
                              v1::GetExperimentResponse* response) {
  absl::StatusOr<v1::Experiment> experiment = Find(request.id());
  if (!experiment.ok()) return experiment.status();
  if (!experiment->has_end_time()) {
    auto runs = RunsOf(request.id());
    if (!runs.ok()) return runs.status();
    *response->mutable_so_far() =
        outcome::ConcludeSoFar(experiment->scenario(), *std::move(runs));
  }
  *response->mutable_experiment() = *std::move(experiment);
  return absl::OkStatus();
}

absl::Status Experiments::Read(const v1::ReadScenarioRequest& request,
                               v1::ReadScenarioResponse* response) {
  return DescribeSource(request, response);
}

absl::Status Experiments::Rehearse(const v1::RehearseScenarioRequest& request,
                                   v1::RehearseScenarioResponse* response) {
  return RehearseScenario(world_.policy, world_.journal, request, response);
}

absl::Status Experiments::Describe(const v1::DescribeExpectationsRequest& request,
                                   v1::DescribeExpectationsResponse* response) {
  for (v1::ExpectDescription& each : config::DescribeExpectations(request.name()))
    *response->add_expectations() = std::move(each);
  if (response->expectations_size() > 0) return absl::OkStatus();
  const std::vector<std::string> names = config::ExpectationNames();
  const std::string_view nearest = NearestName(request.name(), names);
  return Refusal(absl::StatusCode::kNotFound, "NO_SUCH_EXPECTATION",
                 fmt::format("There is no expectation `{}`{}", request.name(),
                             nearest.empty() ? "." : fmt::format("; did you mean `{}`?", nearest)));
}

absl::Status Experiments::List(const v1::ListExperimentsRequest& request,
                               v1::ListExperimentsResponse* response) {
  if (!request.page_token().empty() && !IsId(request.page_token())) return WrongPageToken();
  const uint32_t most =
      std::min(request.page_size() == 0 ? kPage : request.page_size(), kLargestPage);
  auto experiments = world_.journal.Experiments(most, request.page_token());
  if (!experiments.ok()) return experiments.status();
  if (experiments->size() == most) response->set_next_page_token(experiments->back().id());
  for (v1::Experiment& experiment : *experiments)
    *response->add_experiments() = std::move(experiment);
  return absl::OkStatus();
}

absl::StatusOr<bool> Experiments::Close(const std::string& id) {
  const std::lock_guard lock(mutex_);
  absl::StatusOr<v1::Experiment> experiment = Find(id);
  if (!experiment.ok()) return experiment.status();
  plans_.erase(id);
  if (experiment->has_end_time()) return false;
  *experiment->mutable_end_time() = Now();
  if (absl::Status kept = world_.journal.PutExperiment(*experiment); !kept.ok()) return kept;
  return true;
}

absl::StatusOr<std::vector<v1::Run>> Experiments::RunsOf(const std::string& id) {
  auto runs = world_.journal.Runs(id, kMostRuns, "");
  if (runs.ok()) std::reverse(runs->begin(), runs->end());
  return runs;
}

absl::Status Experiments::Conclude(const std::string& id, v1::FinishExperimentResponse* response) {
  if (const auto closed = Close(id); !closed.ok()) return closed.status();
  absl::StatusOr<v1::Experiment> found = Find(id);
  if (!found.ok()) return found.status();
  v1::Experiment& experiment = *response->mutable_experiment();
  experiment = *std::move(found);
  auto runs = RunsOf(id);
  if (!runs.ok()) return runs.status();
  if (!experiment.has_conclusion()) {
    *experiment.mutable_conclusion() = outcome::Conclude(experiment.scenario(), *runs);
    if (absl::Status status = world_.journal.PutExperiment(experiment); !status.ok()) return status;
  }
  for (v1::Run& run : *runs) *response->add_runs() = std::move(run);
  return absl::OkStatus();
}

void Experiments::Interrupt(const std::string& id, const std::string& reason) {
  const absl::StatusOr<bool> closed = Close(id);
  if (!closed.ok() || !*closed) return;
  v1::FinishExperimentResponse response;
  if (!Conclude(id, &response).ok()) return;
  v1::Experiment& experiment = *response.mutable_experiment();
  experiment.set_interrupted(true);
  v1::Conclusion& conclusion = *experiment.mutable_conclusion();
  // What was seen stays seen.
  if (conclusion.verdict() == v1::VERDICT_CLASS_FAIL) {
    conclusion.set_reason(
        fmt::format("{}; interrupted, because {}", conclusion.reason(), reason));
  } else {
    conclusion.set_verdict(v1::VERDICT_CLASS_INCONCLUSIVE);
    conclusion.set_reason(fmt::format("interrupted, because {}", reason));
  }
  v1::AuditEntry entry;
  entry.set_actor("murphyd");
  entry.set_call("InterruptExperiment");
  entry.set_request(fmt::format(R"({{"experiment":"{}"}})", id));
  entry.set_reason(reason);
  const absl::Status kept = world_.journal.PutExperiment(experiment);
  entry.set_result(kept.ok() ? "OK" : std::string(kept.message()));
  world_.audit.AppendDone(std::move(entry)).IgnoreError();
}

absl::Status Experiments::Resume(const v1::ResumeExperimentRequest& request,
                                 v1::ResumeExperimentResponse* response) {
  const std::lock_guard lock(mutex_);
  if (const auto repeats = resumed_.Repeats(request, response); !repeats.ok() || *repeats)
    return repeats.status();
  absl::StatusOr<v1::Experiment> found = Find(request.id());
  if (!found.ok()) return found.status();
  v1::Experiment& experiment = *response->mutable_experiment();
  experiment = *std::move(found);
  if (!experiment.has_end_time()) {
    return Refusal(absl::StatusCode::kFailedPrecondition, "EXPERIMENT_GOES_ON",
                   fmt::format("The experiment `{}` is going on, under another controller perhaps: "
                               "it is interrupted when that one ends.",
                               request.id()));
  }
  if (!experiment.interrupted()) {
    return Refusal(absl::StatusCode::kFailedPrecondition, "EXPERIMENT_ENDED",
                   fmt::format("The experiment `{}` has ended and has its conclusion: there is "
                               "nothing to resume.",
                               request.id()));
  }
  experiment.clear_end_time();
  experiment.clear_conclusion();
  experiment.set_interrupted(false);
  if (absl::Status status = world_.journal.PutExperiment(experiment); !status.ok()) return status;
  resumed_.Keep(request, *response);
  return absl::OkStatus();
}

absl::Status Experiments::Restore() {
  std::string last;
  while (true) {
    const auto page = world_.journal.Experiments(kLargestPage, last);
    if (!page.ok()) return page.status();
    for (const v1::Experiment& experiment : *page) {
      if (!experiment.has_end_time()) Interrupt(experiment.id(), "the daemon was restarted");
    }
    if (page->size() < kLargestPage) return absl::OkStatus();
    last = page->back().id();
  }
}

absl::StatusOr<std::shared_ptr<const scenario::Plan>> Experiments::PlanFor(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (const auto known = plans_.find(id); known != plans_.end()) return known->second;
  const absl::StatusOr<v1::Experiment> experiment = Find(id);
  if (!experiment.ok()) return experiment.status();
  if (experiment->has_end_time()) {
    return Refusal(absl::StatusCode::kFailedPrecondition, "EXPERIMENT_ENDED",
                   fmt::format("The experiment `{}` has ended: it takes no further runs.", id));
  }
  // The configuration may have changed since.
  v1::Scenario scenario = experiment->scenario();
  std::vector<std::string> notes;
  if (absl::Status status = CheckEnvironment(world_.policy, scenario.guard(), /*one_off=*/false);
      !status.ok()) {
    return status;
  }
  if (absl::Status status = Tighten(world_.policy.ceilings, *scenario.mutable_guard(), notes);
      !status.ok()) {
    return status;
  }
  std::vector<scenario::Mistake> mistakes;
  auto plan = scenario::Plan::Compile(scenario, experiment->seed(), mistakes);
  if (plan == nullptr)
    return MistakesIn(fmt::format("The scenario of experiment `{}`", id), mistakes, {});
  plans_[id] = plan;
  return plan;
}

}  // namespace murphy::experiments
