// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/analyses.h"

#include <utility>

#include "daemon/analysis/tally.h"
#include "daemon/experiments/run_records.h"
#include "fmt/format.h"

namespace murphy::experiments {
namespace {

// Of one run; more of it does not change a figure.
constexpr size_t kMostExchanges = 20'000;

absl::Status RequireRuns(const analysis::Side& side) {
  for (const v1::Run& run : side.runs) {
    const bool treated = run.arm() == v1::ARM_TREATMENT || run.arm() == v1::ARM_UNSPECIFIED;
    const bool valid = run.outcome().outcome_class() != v1::OUTCOME_CLASS_INVALID;
    if (treated && valid) return absl::OkStatus();
  }
  return absl::FailedPreconditionError(fmt::format(
      "Experiment {} has no run with faults that counts: there is nothing to compare.",
      side.experiment.id()));
}

}  // namespace

absl::StatusOr<analysis::Side> Analyses::Read(const std::string& id) {
  absl::StatusOr<v1::Experiment> experiment = experiments_.Find(id);
  if (!experiment.ok()) return experiment.status();
  auto runs = experiments_.RunsOf(id);
  if (!runs.ok()) return runs.status();
  std::erase_if(*runs, [](const v1::Run& run) { return !run.has_outcome(); });
  return analysis::Side{*std::move(experiment), *std::move(runs)};
}

absl::Status Analyses::GetStatistics(const v1::GetStatisticsRequest& request,
                                     v1::GetStatisticsResponse* response) {
  absl::StatusOr<analysis::Side> side = Read(request.experiment());
  if (!side.ok()) return side.status();
  analysis::Tally tally;
  for (v1::Run& run : side->runs) {
    auto exchanges = ExchangesOf(world_.journal, run.id(), kMostExchanges);
    if (!exchanges.ok()) return exchanges.status();
    auto injections = world_.journal.Injections(run.id(), 0, kMostExchanges);
    if (!injections.ok()) return injections.status();
    tally.Add(std::move(run), *exchanges, *injections);
  }
  *response->mutable_statistics() = tally.Figures(side->experiment.scenario());
  response->mutable_statistics()->set_experiment(request.experiment());
  return absl::OkStatus();
}

absl::Status Analyses::Compare(const v1::CompareExperimentsRequest& request,
                               v1::CompareExperimentsResponse* response) {
  if (request.before() == request.after())
    return absl::InvalidArgumentError("`before` and `after` are the same experiment.");
  absl::StatusOr<analysis::Side> before = Read(request.before());
  if (!before.ok()) return before.status();
  absl::StatusOr<analysis::Side> after = Read(request.after());
  if (!after.ok()) return after.status();
  for (const analysis::Side* side : {&*before, &*after}) {
    if (absl::Status fit = RequireRuns(*side); !fit.ok()) return fit;
  }
  *response = analysis::Compare(*before, *after);
  return absl::OkStatus();
}

}  // namespace murphy::experiments
