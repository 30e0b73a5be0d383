// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>

#include "daemon/outcome/expect/judges.h"
#include "daemon/outcome/results.h"
#include "daemon/outcome/sentence.h"
#include "daemon/statistics/evidence_process.h"
#include "fmt/format.h"

namespace murphy::outcome {
namespace {

// Chances of a wrong violation and of a wrong success, as for whole experiments.
constexpr double kAlpha = 0.01;
constexpr double kBeta = 0.05;

struct Bill {
  double tokens = 0;
  // Where all of it has a price.
  std::optional<double> dollars;
};

Bill BillOf(const v1::Outcome& outcome) {
  Bill bill;
  bill.tokens = static_cast<double>(outcome.usage().input_tokens() + outcome.usage().output_tokens());
  if (outcome.has_cost() && outcome.unpriced_models().empty()) bill.dollars = outcome.cost();
  return bill;
}

Bill BillOf(const History& history) {
  Bill bill;
  double dollars = 0;
  bool priced = true;
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    bill.tokens += static_cast<double>(BilledTokens(exchange));
    dollars += BilledCost(exchange);
    priced = priced && (exchange.has_cost() || TokensOf(exchange) == 0);
  }
  if (priced && dollars > 0) bill.dollars = dollars;
  return bill;
}

// How many times one is the other; nullopt where the other is nothing.
std::optional<double> Ratio(const Bill& treated, const Bill& usual) {
  if (treated.dollars && usual.dollars.value_or(0) > 0) return *treated.dollars / *usual.dollars;
  if (usual.tokens > 0) return treated.tokens / usual.tokens;
  return std::nullopt;
}

// What runs without any fault cost, on average.
std::optional<Bill> Usual(const Arms& arms) {
  double runs = 0;
  Bill sum;
  sum.dollars = 0;
  for (const v1::Run* run : arms.baseline) {
    const Bill bill = BillOf(run->outcome());
    if (run->outcome().outcome_class() == v1::OUTCOME_CLASS_INVALID) continue;
    ++runs;
    sum.tokens += bill.tokens;
    sum.dollars = sum.dollars && bill.dollars ? std::optional(*sum.dollars + *bill.dollars)
                                              : std::nullopt;
  }
  if (runs == 0) return std::nullopt;
  sum.tokens /= runs;
  if (sum.dollars) *sum.dollars /= runs;
  return sum;
}

// The runs that count, with how many times the usual each cost.
struct Ratios {
  std::map<uint32_t, double> by_index;
  // There was nothing to compare them with.
  size_t unknown = 0;
};

Ratios RatiosOf(const Arms& arms) {
  const std::optional<Bill> usual = Usual(arms);
  std::map<uint32_t, Bill> twins;
  for (const auto& [run, twin] : Twins(arms)) twins[run->index()] = BillOf(twin->outcome());
  Ratios ratios;
  for (const v1::Run* run : arms.treatment) {
    if (run->outcome().outcome_class() == v1::OUTCOME_CLASS_INVALID) continue;
    const auto twin = twins.find(run->index());
    std::optional<double> ratio;
    const Bill bill = BillOf(run->outcome());
    if (twin != twins.end()) {
      ratio = Ratio(bill, twin->second);
    } else if (usual) {
      ratio = Ratio(bill, *usual);
    }
    if (ratio) {
      ratios.by_index[run->index()] = *ratio;
    } else {
      ++ratios.unknown;
    }
  }
  return ratios;
}

constexpr const char* kComparison = "`--arms treatment,shadow`, or `--baseline N`,";

v1::ExpectResult JudgeEach(const Ratios& ratios, double most) {
  const auto dearest =
      std::max_element(ratios.by_index.begin(), ratios.by_index.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (dearest == ratios.by_index.end())
    return Unjudged("nothing shows what a run costs without faults", kComparison);
  const std::string seen =
      fmt::format("the dearest of {} (index {}) cost {:.2f} times as much as without faults; {:g} is "
                  "allowed",
                  Counted(ratios.by_index.size(), "run"), dearest->first, dearest->second, most);
  if (dearest->second > most) return Violated(seen);
  if (ratios.unknown > 0) {
    return Unjudged(fmt::format("{}; of {} nothing shows what they cost without faults", seen,
                                Counted(ratios.unknown, "more run")),
                    kComparison);
  }
  return Held(seen);
}

// The same of a share of all runs that there could be: by the evidence for and against a rate, which
// may be looked at after each of them.
v1::ExpectResult JudgeShare(const Ratios& ratios, double most, double quantile) {
  const double tolerated = 1 - quantile;
  uint32_t runs = 0;
  uint32_t above = 0;
  const auto seen = [&] {
    return fmt::format("{} of {} cost more than {:g} times as much as without faults; {} may",
                       above, Counted(runs, "run"), most, Percent(tolerated));
  };
  for (const auto& [index, ratio] : ratios.by_index) {
    ++runs;
    if (ratio > most) ++above;
    if (statistics::LogEvidenceOfFailure(runs, above, tolerated) >= -std::log(kAlpha))
      return Violated(seen());
    if (statistics::LogEvidenceOfSuccess(runs, above, tolerated) >= -std::log(kBeta))
      return Held(seen());
  }
  if (runs == 0) return Unjudged("nothing shows what a run costs without faults", kComparison);
  return Unjudged(fmt::format("{}: too few runs to tell", seen()), "more runs");
}

}  // namespace

v1::ExpectResult Judge(const History& history, const v1::CostCeilingExpect& expect) {
  const Bill bill = BillOf(history);
  const auto& control = history.evidence().control;
  std::optional<double> ratio;
  if (control) {
    Bill usual{control->tokens(), std::nullopt};
    if (control->cost() > 0) usual.dollars = control->cost();
    ratio = Ratio(bill, usual);
  }
  if (!ratio) return Unjudged("nothing shows what a run costs without faults", kComparison);
  const std::string seen = fmt::format("it cost {:.2f} times as much as runs without faults", *ratio);
  return *ratio <= expect.at_most() ? Held(seen) : Violated(seen);
}

v1::ExpectResult JudgeTogether(const Arms& arms, int /*place*/, bool /*final*/,
                               const v1::CostCeilingExpect& expect) {
  const Ratios ratios = RatiosOf(arms);
  return expect.has_quantile() ? JudgeShare(ratios, expect.at_most(), expect.quantile())
                               : JudgeEach(ratios, expect.at_most());
}

}  // namespace murphy::outcome
