// SPDX-License-Identifier: Apache-2.0
#include "daemon/analysis/expectations.h"

#include <cmath>
#include <string>

#include "daemon/analysis/share.h"
#include "daemon/outcome/mark.h"
#include "daemon/statistics/evidence_process.h"
#include "daemon/statistics/many.h"

namespace murphy::analysis {
namespace {

constexpr double kFalseDiscoveries = 0.05;

struct Tallied {
  std::string expect;
  statistics::Count violated;
  uint32_t unjudged = 0;
};

Tallied& At(std::vector<Tallied>& tallies, const std::string& expect) {
  for (Tallied& tally : tallies) {
    if (tally.expect == expect) return tally;
  }
  return tallies.emplace_back(Tallied{.expect = expect});
}

void Add(Tallied& tally, const v1::ExpectResult& result) {
  if (!result.held() && result.vacuous()) {
    ++tally.unjudged;
    return;
  }
  ++tally.violated.all;
  if (!result.held()) ++tally.violated.of;
}

}  // namespace

double ToleratedRate(const v1::Scenario& scenario) {
  return scenario.verdict().has_p0() ? scenario.verdict().p0() : 0.10;
}

std::vector<v1::ExpectFigures> Expectations(const std::vector<const v1::Run*>& runs, double p0) {
  std::vector<Tallied> tallies;
  for (const v1::Run* run : runs) {
    if (outcome::MarkOf(run->outcome()) == outcome::Mark::kInvalid) continue;
    for (const v1::ExpectResult& result : run->outcome().expects()) {
      // What all runs together decide is no rate of runs.
      if (!result.over_runs()) Add(At(tallies, result.expect()), result);
    }
  }
  std::vector<double> evidence;
  std::vector<v1::ExpectFigures> figures;
  for (const Tallied& tally : tallies) {
    const statistics::Count& violated = tally.violated;
    evidence.push_back(statistics::LogEvidenceOfFailure(violated.all, violated.of, p0));
    v1::ExpectFigures& figure = figures.emplace_back();
    figure.set_expect(tally.expect);
    *figure.mutable_violated() = ShareOf(violated);
    figure.set_unjudged(tally.unjudged);
    figure.set_evidence(std::exp(evidence.back()));
    figure.set_smallest_rise(statistics::SmallestDrop(violated.all, 1 - violated.rate()));
  }
  for (const size_t at : statistics::Discoveries(evidence, kFalseDiscoveries))
    figures[at].set_found(true);
  return figures;
}

}  // namespace murphy::analysis
