// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/replays.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/engine/replay.h"
#include "daemon/experiments/refusal.h"

namespace murphy::experiments {
namespace {

constexpr size_t kPage = 1000;
// Memory that one replay may take.
constexpr size_t kMostRows = 200'000;

absl::Status Cannot(const std::string& reason, const std::string& message) {
  return Refusal(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::Status TooLong(const std::string& run) {
  return Cannot("RUN_TOO_LONG",
                fmt::format("The run `{}` has more than {} exchanges or steps; no longer one is "
                            "replayed.",
                            run, kMostRows));
}

absl::StatusOr<v1::Run> FinishedRun(journal::Journal& journal, const std::string& id) {
  auto run = EndedRun(journal, id);
  if (run.ok() && run->experiment().empty()) {
    return Cannot("NO_SCENARIO", fmt::format("The run `{}` has no scenario: there are no decisions "
                                             "of one to repeat.",
                                             id));
  }
  return run;
}

absl::StatusOr<std::shared_ptr<const scenario::Plan>> PlanOf(journal::Journal& journal,
                                                             const v1::Run& run) {
  auto experiment = journal.FindExperiment(run.experiment());
  if (!experiment.ok()) return experiment.status();
  if (!experiment->has_value()) {
    return Cannot("NO_SCENARIO", fmt::format("The scenario of run `{}` is no longer in the "
                                             "journal: its experiment `{}` was removed.",
                                             run.id(), run.experiment()));
  }
  std::vector<scenario::Mistake> mistakes;
  auto plan = scenario::Plan::Compile((*experiment)->scenario(), run.seed(), mistakes);
  if (plan == nullptr) {
    return Cannot("OTHER_VERSION",
                  fmt::format("This version of Murphy does not accept the scenario of run `{}`: "
                              "{}: {}.",
                              run.id(), mistakes.front().path, mistakes.front().message));
  }
  return plan;
}

absl::Status ReadSteps(journal::Journal& journal, const std::string& run,
                       std::vector<v1::EngineStep>& steps) {
  for (bool more = true; more;) {
    auto page = journal.Steps(run, steps.empty() ? 0 : steps.back().number(), kPage);
    if (!page.ok()) return page.status();
    more = page->size() == kPage;
    steps.insert(steps.end(), page->begin(), page->end());
    if (steps.size() > kMostRows) return TooLong(run);
  }
  return absl::OkStatus();
}

// An injection's later states say the same of where it came from as its first one.
void CompareStates(const std::vector<v1::Injection>& decided,
                   const std::vector<v1::Injection>& latest, engine::Replayed& replayed) {
  const auto about = [](const v1::Injection& one) {
    return fmt::format("rule `{}`, fault `{}`, exchange {}", one.rule(), one.fault(),
                       one.exchange());
  };
  for (size_t i = 0; i < std::min(decided.size(), latest.size()); ++i) {
    const std::string first = about(decided[i]), last = about(latest[i]);
    if (first == last) continue;
    ++replayed.difference_count;
    if (replayed.differences.size() >= engine::Replayed::kMostDifferences) continue;
    replayed.differences.push_back(
        fmt::format("Injection {} is recorded with {} at first and with {} at last.",
                    latest[i].id(), first, last));
  }
}

}  // namespace

absl::StatusOr<v1::Run> EndedRun(journal::Journal& journal, const std::string& id) {
  auto run = journal.FindRun(id);
  if (!run.ok()) return run.status();
  if (!run->has_value()) return NotInJournal(id);
  if ((*run)->state() != v1::RUN_STATE_FINISHED) {
    return Cannot("RUN_ACTIVE",
                  fmt::format("The run `{}` has not ended: its record is not whole yet.", id));
  }
  return **std::move(run);
}

absl::Status ReadExchanges(journal::Journal& journal, const v1::Run& run, Purpose purpose,
                           std::vector<v1::Exchange>& exchanges) {
  std::optional<journal::ExchangePosition> next(std::in_place);
  while (next.has_value()) {
    auto page = journal.Exchanges(run.id(), *next, kPage, absl::InfinitePast());
    if (!page.ok()) return page.status();
    next = page->next;
    if (!page->damaged.empty()) {
      return Cannot("RECORDS_DAMAGED",
                    fmt::format("Records of the exchanges of run `{}` cannot be read: what the "
                                "engine was told is not whole.",
                                run.id()));
    }
    for (v1::Exchange& exchange : page->exchanges) {
      if (exchange.late()) continue;
      if (!exchange.has_input() && purpose == Purpose::kReplay) {
        return Cannot("OTHER_VERSION",
                      fmt::format("The run `{}` was recorded by a version of Murphy that did not "
                                  "keep what a replay needs.",
                                  run.id()));
      }
      exchanges.push_back(std::move(exchange));
    }
    if (exchanges.size() > kMostRows) return TooLong(run.id());
  }
  if (exchanges.empty() && run.outcome().exchanges() > 0) {
    return Cannot("RECORDS_REMOVED",
                  fmt::format("The exchanges of run `{}` are no longer in the journal: they are "
                              "older than what it keeps.",
                              run.id()));
  }
  return absl::OkStatus();
}

absl::Status ReplayRun(journal::Journal& journal, const v1::ReplayRunRequest& request,
                       v1::ReplayRunResponse* response) {
  auto run = FinishedRun(journal, request.run());
  if (!run.ok()) return run.status();
  auto plan = PlanOf(journal, *run);
  if (!plan.ok()) return plan.status();
  engine::Recorded recorded{
      .plan = *std::move(plan),
      .run_index = run->index(),
      .arm = run->arm(),
      .counts_before = {run->counts_before().begin(), run->counts_before().end()},
      .injections_before = run->injections_before()};
  absl::Status status = ReadExchanges(journal, *run, Purpose::kReplay, recorded.exchanges);
  if (status.ok()) status = ReadSteps(journal, run->id(), recorded.steps);
  if (!status.ok()) return status;
  auto decided = journal.Decided(run->id());
  if (!decided.ok()) return decided.status();
  auto latest = journal.Injections(run->id());
  if (!latest.ok()) return latest.status();
  recorded.decided = *std::move(decided);

  engine::Replayed replayed = engine::Replay(recorded);
  CompareStates(recorded.decided, *latest, replayed);
  response->set_run(run->id());
  response->set_same(replayed.difference_count == 0);
  response->set_exchanges(replayed.exchanges);
  response->set_injections(replayed.injections);
  response->set_difference_count(replayed.difference_count);
  response->set_one_off_injections(replayed.one_off);
  response->mutable_differences()->Add(replayed.differences.begin(), replayed.differences.end());
  return absl::OkStatus();
}

}  // namespace murphy::experiments
