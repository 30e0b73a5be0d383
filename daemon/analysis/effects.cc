// SPDX-License-Identifier: Apache-2.0
#include "daemon/analysis/effects.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "daemon/analysis/share.h"
#include "daemon/outcome/mark.h"
#include "daemon/statistics/pairs.h"

namespace murphy::analysis {
namespace {

// No fault met it. It says nothing about faults, and something about switching them on.
bool IsUnmet(const v1::Outcome& outcome) {
  return outcome.outcome_class() == v1::OUTCOME_CLASS_INVALID && outcome.delivered() == 0 &&
         outcome.integrity().empty() && !outcome.interrupted();
}

bool WentWell(const v1::Outcome& outcome) {
  if (IsUnmet(outcome)) return !outcome.failed_alone() && outcome.exit_code() == 0;
  return outcome::MarkOf(outcome) == outcome::Mark::kGood;
}

bool Counts(const v1::Run& run) {
  const outcome::Mark mark = outcome::MarkOf(run.outcome());
  return mark == outcome::Mark::kGood || mark == outcome::Mark::kViolation || IsUnmet(run.outcome());
}

std::vector<statistics::Pair> PairsOf(const outcome::Arms& arms) {
  std::map<uint32_t, const v1::Run*> twins;
  for (const v1::Run* run : arms.shadow) twins[run->index()] = run;
  std::vector<statistics::Pair> pairs;
  for (const v1::Run* run : arms.treatment) {
    const auto twin = twins.find(run->index());
    if (twin == twins.end() || !Counts(*run) || !Counts(*twin->second)) continue;
    pairs.push_back({
        .fired = run->outcome().delivered() > 0,
        .would_fire = twin->second->outcome().would_fire() > 0,
        .treated_well = WentWell(run->outcome()),
        .twin_well = WentWell(twin->second->outcome()),
    });
  }
  return pairs;
}

v1::FaultEffect Told(const statistics::Effect& effect) {
  v1::FaultEffect told;
  *told.mutable_treatment() = ShareOf(effect.treated);
  *told.mutable_shadow() = ShareOf(effect.twins);
  *told.mutable_difference() = EstimateOf(effect.value, effect.interval);
  told.set_smallest_drop(statistics::SmallestDrop(std::min(effect.treated.all, effect.twins.all),
                                                  effect.twins.rate()));
  return told;
}

}  // namespace

void SetEffects(const outcome::Arms& arms, v1::Statistics& statistics) {
  const std::vector<statistics::Pair> pairs = PairsOf(arms);
  if (pairs.empty()) return;
  *statistics.mutable_effect() = Told(statistics::EffectOfArms(pairs));
  *statistics.mutable_fired_effect() = Told(statistics::EffectOfFired(pairs));
  statistics.set_evidence_of_harm(std::exp(statistics::LogEvidenceOfHarm(pairs)));
}

}  // namespace murphy::analysis
