// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/judgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "daemon/experiments/moments.h"
#include "daemon/experiments/run_records.h"
#include "daemon/outcome/classify.h"
#include "google/protobuf/util/message_differencer.h"

namespace murphy::experiments {
namespace {

// Memory that one judgement may take.
constexpr size_t kMostExchanges = 200'000;

void Mark(std::string& integrity, const std::string& why) {
  if (integrity.empty()) integrity = why;
}

// Every exchange that began has a number: a gap is one that is not in the journal.
void CheckComplete(const std::vector<v1::Exchange>& exchanges, std::string& integrity) {
  if (exchanges.size() >= kMostExchanges) {
    Mark(integrity, fmt::format("The run has more than {} exchanges; the rest was not judged.",
                                kMostExchanges));
    return;
  }
  for (size_t i = 0; i < exchanges.size(); ++i) {
    if (exchanges[i].sequence() == i + 1) continue;
    Mark(integrity,
         fmt::format(
             "Exchange {} of the run is not in the journal: it was still open, removed or lost.",
             i + 1));
    return;
  }
}

void Gather(journal::Journal& journal, const std::string& run, outcome::Evidence& evidence) {
  std::string& integrity = evidence.integrity;
  if (const absl::Status status = journal.Flush(); !status.ok())
    Mark(integrity, std::string(status.message()));
  auto exchanges = ExchangesOf(journal, run, kMostExchanges);
  if (exchanges.ok()) {
    evidence.exchanges = *std::move(exchanges);
  } else {
    Mark(integrity, std::string(exchanges.status().message()));
  }
  CheckComplete(evidence.exchanges, integrity);
  auto injections = journal.Injections(run);
  if (injections.ok()) {
    evidence.injections = *std::move(injections);
  } else {
    Mark(integrity, std::string(injections.status().message()));
  }
}

// Journals what has changed about the injections.
bool AppendChanged(journal::Journal& journal, const std::vector<v1::Injection>& before,
                   const std::vector<v1::Injection>& after) {
  bool recorded = true;
  for (size_t i = 0; i < after.size(); ++i) {
    if (google::protobuf::util::MessageDifferencer::Equals(before[i], after[i])) continue;
    v1::Event event;
    *event.mutable_injection() = after[i];
    recorded = journal.Append(std::move(event)) && recorded;
  }
  return recorded;
}

v1::Outcome OutcomeOf(const outcome::Evidence& evidence, const v1::Run& run) {
  v1::Outcome outcome = outcome::Classify(evidence);
  const auto& groups = run.realised().groups();
  const bool incomplete =
      std::any_of(groups.begin(), groups.end(), [](const v1::RealisedGroup& group) {
        return group.mode() == v1::GROUP_MODE_ALL_OR_LABEL && !group.never_fired().empty();
      });
  if (incomplete) outcome.add_labels("group-incomplete");
  std::map<std::string, size_t> others;
  for (const v1::Exchange& exchange : evidence.exchanges) {
    for (const std::string& other : exchange.injected_by()) ++others[other];
  }
  for (const auto& [other, exchanges] : others)
    outcome.add_labels(
        fmt::format("injected-by {}: {} exchange{}", other, exchanges, exchanges == 1 ? "" : "s"));
  return outcome;
}

}  // namespace

Judged Judge(journal::Journal& journal, v1::Run run, const v1::Scenario& scenario, RunEnd end) {
  outcome::Evidence evidence;
  evidence.scenario = scenario;
  evidence.exit_code = end.exit_code;
  evidence.report = std::move(end.report);
  evidence.hung = end.hung;
  evidence.interrupted = end.interrupted;
  evidence.left_alone = run.disarm_cause() == v1::DISARM_CAUSE_LEASE;
  evidence.shadow = run.arm() == v1::ARM_SHADOW;
  evidence.integrity = std::move(end.integrity);
  evidence.guard = std::move(end.guard);
  evidence.at = end.at;
  evidence.control = std::move(end.control);
  Gather(journal, run.id(), evidence);

  const std::vector<v1::Injection> before = evidence.injections;
  outcome::AttributeRecovery(evidence);
  const bool recorded = AppendChanged(journal, before, evidence.injections);
  if (!recorded) Mark(evidence.integrity, "The journal did not take the end of the run.");

  run.set_state(v1::RUN_STATE_FINISHED);
  *run.mutable_end_time() = Now();
  *run.mutable_outcome() = OutcomeOf(evidence, run);
  v1::Event event;
  *event.mutable_run() = run;
  absl::Status kept = journal.Append(std::move(event))
                          ? journal.Flush()
                          : absl::UnavailableError("The journal did not take the end of the run.");
  if (!kept.ok() && evidence.integrity.empty()) {
    evidence.integrity = std::string(kept.message());
    *run.mutable_outcome() = OutcomeOf(evidence, run);
  }
  return {std::move(run), std::move(evidence.injections)};
}

}  // namespace murphy::experiments
