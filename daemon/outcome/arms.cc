// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/arms.h"

#include <algorithm>
#include <set>
#include <utility>

#include "daemon/outcome/sentence.h"
#include "daemon/statistics/proportion.h"
#include "fmt/format.h"

namespace murphy::outcome {
namespace {

bool EndedWell(const v1::Outcome& outcome) {
  switch (outcome.outcome_class()) {
    case v1::OUTCOME_CLASS_RECOVERED:
    case v1::OUTCOME_CLASS_RECOVERED_COSTLY:
    case v1::OUTCOME_CLASS_UNSPECIFIED:
      return true;
    default:  // of protobuf's enumeration: every other class is bad news without a fault
      return false;
  }
}

// It was interrupted, or something else than the agent failed.
bool SaysNothing(const v1::Outcome& outcome) {
  return outcome.outcome_class() == v1::OUTCOME_CLASS_INVALID && !outcome.failed_alone();
}

int64_t Tokens(const v1::Outcome& outcome) {
  return static_cast<int64_t>(outcome.usage().input_tokens() + outcome.usage().output_tokens());
}

}  // namespace

Arms ByArm(const std::vector<v1::Run>& runs) {
  Arms arms;
  std::set<std::pair<v1::Arm, uint32_t>> through;
  for (const v1::Run& run : runs) {
    if (run.has_outcome() && !run.outcome().interrupted()) through.emplace(run.arm(), run.index());
  }
  for (const v1::Run& run : runs) {
    if (!run.has_outcome()) continue;
    const bool replaced = run.outcome().interrupted() && through.contains({run.arm(), run.index()});
    if (replaced) continue;
    const bool shadow = run.arm() == v1::ARM_SHADOW;
    (shadow                             ? arms.shadow
     : run.arm() == v1::ARM_BASELINE ? arms.baseline
                                        : arms.treatment)
        .push_back(&run);
  }
  for (auto* arm : {&arms.treatment, &arms.shadow, &arms.baseline}) {
    std::stable_sort(arm->begin(), arm->end(),
                     [](const v1::Run* a, const v1::Run* b) { return a->index() < b->index(); });
  }
  return arms;
}

void CountBaseline(const Arms& arms, v1::Conclusion& conclusion) {
  uint32_t runs = 0;
  uint32_t failures = 0;
  for (const v1::Run* run : arms.baseline) {
    if (SaysNothing(run->outcome())) continue;
    ++runs;
    if (!EndedWell(run->outcome())) ++failures;
  }
  uint32_t alone = 0;
  for (const v1::Run* run : arms.treatment) alone += run->outcome().failed_alone() ? 1 : 0;
  if (runs == 0 && alone == 0) return;
  if (alone > 0) {
    runs += static_cast<uint32_t>(arms.treatment.size());
    failures += alone;
  }
  const statistics::Interval interval = statistics::Wilson({failures, runs});
  v1::Baseline& baseline = *conclusion.mutable_baseline();
  baseline.set_runs(runs);
  baseline.set_failures(failures);
  baseline.set_low(interval.low);
  baseline.set_high(interval.high);
}

std::string BaselineText(const v1::Conclusion& conclusion) {
  const v1::Baseline& baseline = conclusion.baseline();
  if (baseline.failures() == 0) return "";
  return fmt::format(
      "the agent fails {:.0f} % of the time without any fault ({} of {}, 95 % interval {} to {})",
      100.0 * baseline.failures() / baseline.runs(), baseline.failures(),
      Counted(baseline.runs(), "run"), Percent(baseline.low()), Percent(baseline.high()));
}

std::vector<Twin> Twins(const Arms& arms) {
  std::vector<Twin> twins;
  auto twin = arms.shadow.begin();
  for (const v1::Run* run : arms.treatment) {
    while (twin != arms.shadow.end() && (*twin)->index() < run->index()) ++twin;
    if (twin == arms.shadow.end()) break;
    if ((*twin)->index() == run->index()) twins.emplace_back(run, *twin);
  }
  return twins;
}

void CountExtra(const Arms& arms, v1::Conclusion& conclusion) {
  v1::Extra extra;
  for (const auto& [run, twin] : Twins(arms)) {
    const v1::Outcome& treated = run->outcome();
    const v1::Outcome& plain = twin->outcome();
    extra.set_pairs(extra.pairs() + 1);
    extra.set_calls(extra.calls() + treated.exchanges() - plain.exchanges());
    extra.set_tokens(extra.tokens() + Tokens(treated) - Tokens(plain));
    extra.set_cost(extra.cost() + treated.cost() - plain.cost());
  }
  if (extra.pairs() > 0) *conclusion.mutable_extra() = extra;
}

}  // namespace murphy::outcome
