// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/experiments.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "daemon/config/describe.h"
#include "daemon/config/reader.h"
#include "daemon/experiments/ids.h"
#include "daemon/experiments/mistakes.h"
#include "daemon/experiments/moments.h"
#include "daemon/experiments/plan_summary.h"
#include "daemon/experiments/policy.h"
#include "daemon/experiments/refusal.h"
#include "daemon/experiments/windows.h"
#include "daemon/journal/clean.h"
#include "daemon/outcome/classify.h"
#include "faults/nearest.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"

namespace murphy::experiments {
namespace {

constexpr uint32_t kPage = 50;
constexpr uint32_t kLargestPage = 500;
constexpr size_t kMostPlans = 256;
constexpr size_t kMostRuns = 100'000;
constexpr size_t kRecentExchanges = 10'000;

struct Compiled {
  v1::Scenario scenario;
  std::shared_ptr<const scenario::Plan> plan;
  std::vector<std::string> notes;
};

// A refusal with the place in the file that it is about.
absl::Status At(const config::Origins& origins, std::string_view path, const absl::Status& status) {
  const config::Origin origin = config::OriginOf(origins, path);
  absl::Status placed(status.code(),
                      fmt::format("{}:{}:{}: {}", origin.file, origin.location.line,
                                  origin.location.column, std::string(status.message())));
  status.ForEachPayload([&placed](absl::string_view url, const absl::Cord& payload) {
    placed.SetPayload(url, payload);
  });
  return placed;
}

bool Has(const v1::Guard& guard, const std::string& limit) {
  const auto* field = v1::Guard::descriptor()->FindFieldByName(limit);
  return field != nullptr && field->has_presence() && guard.GetReflection()->HasField(guard, field);
}

std::string ValueOf(const v1::Guard& guard, const google::protobuf::FieldDescriptor* field) {
  std::string value;
  google::protobuf::TextFormat::PrintFieldValueToString(guard, field, -1, &value);
  return value;
}

// Limits that the file does not state are not to be raised there: names who set them, and points
// at what reaches them. `stated` is the guard as it was written.
void BlameCeilings(const Policy& policy, const v1::Guard& stated, const v1::Guard& tightened,
                   std::vector<scenario::Mistake>& mistakes) {
  for (scenario::Mistake& mistake : mistakes) {
    const std::string& limit = mistake.limit;
    if (limit.empty()) continue;
    const auto* field = v1::Guard::descriptor()->FindFieldByName(limit);
    const bool lowered =
        Has(policy.ceilings, limit) &&
        (!Has(stated, limit) || ValueOf(stated, field) != ValueOf(tightened, field));
    if (lowered) mistake.message += " in this daemon's configuration";
    if (!Has(stated, limit)) mistake.path = limit == "max_duration" ? "phase[0]" : "rule[0]";
  }
}

// What is wrong with the meaning of what could be read. That a whole table lacks something may
// come from a key of it that could not, and one place is named once.
std::vector<scenario::Mistake> MistakesBeside(const config::ScenarioReading& reading) {
  std::vector<scenario::Mistake> mistakes;
  // Then it is no TOML, or no scenario.
  if (!reading.scenario.has_schema() || !reading.scenario.has_name()) return mistakes;
  scenario::Plan::Compile(reading.scenario, 0, mistakes);
  std::erase_if(mistakes, [&](const scenario::Mistake& mistake) {
    if (mistake.path.ends_with(']')) return true;
    const config::Origin origin = config::OriginOf(reading.origins, mistake.path);
    return std::any_of(reading.mistakes.begin(), reading.mistakes.end(),
                       [&](const config::Mistake& said) {
                         return said.file == origin.file && said.location == origin.location;
                       });
  });
  return mistakes;
}

// What is kept with an experiment, and whether that can still be repeated.
v1::Invocation Clean(const v1::Invocation& said) {
  v1::Invocation kept = said;
  journal::Clean(kept);
  const bool changed = kept.SerializeAsString() != said.SerializeAsString();
  kept.set_redacted(said.redacted() || changed);
  return kept;
}

absl::StatusOr<Compiled> Compile(const Policy& policy, const v1::ScenarioSource& source,
                                 const std::optional<uint64_t>& seed) {
  const std::string what = !source.name().empty()           ? source.name()
                           : !source.text().empty()          ? "scenario.toml"
                           : source.inline_faults().empty() ? "--expect"
                                                            : "--fault";
  config::ScenarioReading reading =
      config::ReadScenario(source.text().empty() ? source.name() : what, source.text(),
                           {source.inline_faults().begin(), source.inline_faults().end()},
                           {source.inline_expects().begin(), source.inline_expects().end()});
  if (!reading.mistakes.empty())
    return MistakesIn(what, reading.mistakes, MistakesBeside(reading), reading.origins);

  Compiled compiled;
  compiled.scenario = std::move(reading.scenario);
  v1::Guard& guard = *compiled.scenario.mutable_guard();
  const v1::Guard stated = guard;
  std::vector<scenario::Mistake> mistakes;
  CheckWindows("guard", guard, mistakes);
  if (absl::Status status = CheckEnvironment(policy, guard, /*one_off=*/false); !status.ok())
    return guard.has_environment() ? At(reading.origins, "guard.environment", status) : status;
  if (source.text().empty()) AllowWhatCannotAsk(policy.ceilings, guard);
  if (absl::Status status = Tighten(policy.ceilings, guard, compiled.notes); !status.ok())
    return status;

  const uint64_t chosen = seed                           ? *seed
                          : compiled.scenario.has_seed() ? compiled.scenario.seed()
                                                         : NewSeed();
  compiled.plan = scenario::Plan::Compile(compiled.scenario, chosen, mistakes);
  BlameCeilings(policy, stated, guard, mistakes);
  if (!mistakes.empty()) return MistakesIn(what, mistakes, reading.origins);
  return compiled;
}

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
  absl::StatusOr<Compiled> compiled = Compile(world_.policy, request.source(), seed);
  if (!compiled.ok()) return compiled.status();

  const auto recent =
      world_.journal.RecentExchanges(absl::Now() - absl::Hours(1), kRecentExchanges);
  *response->mutable_plan() =
      Summarise(*compiled->plan, recent.ok() ? *recent : std::vector<v1::Exchange>());
  for (const std::string& note : compiled->notes) response->mutable_plan()->add_warnings(note);
  v1::Experiment& experiment = *response->mutable_experiment();
  *experiment.mutable_scenario() = compiled->scenario;
  experiment.set_seed(compiled->plan->seed());
  if (request.validate_only()) return absl::OkStatus();

  experiment.set_id(NewId());
  *experiment.mutable_begin_time() = Now();
  if (request.has_invocation()) *experiment.mutable_invocation() = Clean(request.invocation());
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
