// SPDX-License-Identifier: Apache-2.0
#include "daemon/analysis/tally.h"

#include "daemon/analysis/costs.h"
#include "daemon/analysis/effects.h"
#include "daemon/analysis/expectations.h"
#include "daemon/analysis/share.h"
#include "daemon/outcome/arms.h"
#include "daemon/outcome/mark.h"
#include "daemon/statistics/evidence_process.h"
#include "daemon/statistics/repeats.h"

namespace murphy::analysis {
namespace {

void SetGood(statistics::Count good, v1::Statistics& figures) {
  *figures.mutable_good() = ShareOf(good);
  *figures.mutable_anytime() = EstimateOf(good.rate(), statistics::AnytimeInterval(good));
  figures.set_smallest_drop(statistics::SmallestDrop(good.all, good.rate()));
  for (const uint32_t k : {1u, 2u, 4u, 8u}) {
    if (k > good.all) break;
    v1::Repeats& repeats = *figures.add_repeats();
    repeats.set_k(k);
    repeats.set_all(statistics::PassAll(good.of, good.all, k));
    repeats.set_any(statistics::PassAny(good.of, good.all, k));
  }
}

}  // namespace

void Tally::Add(v1::Run run, const std::vector<v1::Exchange>& exchanges,
                const std::vector<v1::Injection>& injections) {
  const bool treated = run.arm() == v1::ARM_TREATMENT || run.arm() == v1::ARM_UNSPECIFIED;
  const bool valid = outcome::MarkOf(run.outcome()) != outcome::Mark::kInvalid;
  if (treated && valid && run.has_outcome()) {
    steps_.Add(exchanges);
    recoveries_.Add(exchanges, injections);
  }
  runs_.push_back(std::move(run));
}

v1::Statistics Tally::Figures(const v1::Scenario& scenario) const {
  const outcome::Arms arms = outcome::ByArm(runs_);
  const statistics::Count good = GoodRuns(arms.treatment);
  v1::Statistics figures;
  SetGood(good, figures);
  SetEffects(arms, figures);
  if (auto compound = steps_.Compound(good)) *figures.mutable_compound() = *std::move(compound);
  for (v1::RecoveryIncidence& incidence : recoveries_.Incidences())
    *figures.add_recovery() = std::move(incidence);
  for (v1::ExpectFigures& expect : Expectations(arms.treatment, ToleratedRate(scenario)))
    *figures.add_expects() = std::move(expect);
  *figures.mutable_cost() = Costs(arms);
  return figures;
}

}  // namespace murphy::analysis
