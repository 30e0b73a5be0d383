// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/pairs.h"

#include "daemon/statistics/evidence_process.h"

namespace murphy::statistics {
namespace {

void Add(Count& count, bool well) {
  ++count.all;
  if (well) ++count.of;
}

Effect Compare(Count treated, Count twins) {
  return {treated, twins, treated.rate() - twins.rate(), Difference(treated, twins)};
}

}  // namespace

Effect EffectOfArms(const std::vector<Pair>& pairs) {
  Count treated;
  Count twins;
  for (const Pair& pair : pairs) {
    Add(treated, pair.treated_well);
    Add(twins, pair.twin_well);
  }
  return Compare(treated, twins);
}

Effect EffectOfFired(const std::vector<Pair>& pairs) {
  Count treated;
  Count twins;
  for (const Pair& pair : pairs) {
    if (pair.fired) Add(treated, pair.treated_well);
    if (pair.would_fire) Add(twins, pair.twin_well);
  }
  return Compare(treated, twins);
}

double LogEvidenceOfHarm(const std::vector<Pair>& pairs) {
  uint32_t differ = 0;
  uint32_t worse = 0;
  for (const Pair& pair : pairs) {
    if (pair.treated_well == pair.twin_well) continue;
    ++differ;
    if (!pair.treated_well) ++worse;
  }
  return LogEvidenceOfFailure(differ, worse, 0.5);
}

}  // namespace murphy::statistics
