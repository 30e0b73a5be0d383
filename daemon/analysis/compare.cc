// SPDX-License-Identifier: Apache-2.0
#include "daemon/analysis/compare.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>

#include "daemon/analysis/expectations.h"
#include "daemon/analysis/share.h"
#include "daemon/outcome/arms.h"
#include "daemon/outcome/mark.h"
#include "daemon/statistics/two_groups.h"
#include "fmt/format.h"
#include "google/protobuf/util/message_differencer.h"

namespace murphy::analysis {
namespace {

// Whatever is tolerated: rates are compared with each other.
constexpr double kAnyRate = 0.1;
// For any one figure that has not changed, over all of them.
constexpr double kFalseAlarm = 0.05;

// A figure on its way to be told: how likely it is to look as bad, and as good, by chance.
struct Compared {
  v1::Change change;
  double chance_worse = 1;
  double chance_better = 1;
};

// `bad`: more of it is worse.
Compared CompareRates(std::string figure, statistics::Count before, statistics::Count after,
                      bool bad) {
  Compared compared;
  v1::Change& change = compared.change;
  change.set_figure(std::move(figure));
  change.set_before(before.rate());
  change.set_after(after.rate());
  *change.mutable_difference() =
      EstimateOf(after.rate() - before.rate(), statistics::Difference(after, before));
  const double more = statistics::ChanceOfExcess(after, before);
  const double fewer = statistics::ChanceOfExcess(before, after);
  compared.chance_worse = bad ? more : fewer;
  compared.chance_better = bad ? fewer : more;
  change.set_smallest_change(statistics::SmallestDrop(std::min(before.all, after.all),
                                                      bad ? 1 - before.rate() : before.rate()));
  return compared;
}

using Measure = std::function<double(const v1::Run&)>;

Compared CompareSizes(std::string figure, const std::vector<const v1::Run*>& before,
                      const std::vector<const v1::Run*>& after, const Measure& measure) {
  std::vector<double> old_values;
  std::vector<double> new_values;
  for (const v1::Run* run : before) old_values.push_back(measure(*run));
  for (const v1::Run* run : after) new_values.push_back(measure(*run));
  Compared compared;
  v1::Change& change = compared.change;
  change.set_figure(std::move(figure));
  change.set_before(Quantile(old_values, 0.5));
  change.set_after(Quantile(new_values, 0.5));
  if (change.before() > 0) change.mutable_difference()->set_value(change.after() / change.before());
  compared.chance_worse = statistics::ChanceOfShift(new_values, old_values);
  compared.chance_better = statistics::ChanceOfShift(old_values, new_values);
  return compared;
}

// What an agent spends on its task: runs that gave up early are cheap.
std::vector<const v1::Run*> Good(std::vector<const v1::Run*> runs) {
  std::erase_if(runs, [](const v1::Run* run) {
    return outcome::MarkOf(run->outcome()) != outcome::Mark::kGood;
  });
  return runs;
}

std::vector<const v1::Run*> Valid(const std::vector<const v1::Run*>& runs) {
  std::vector<const v1::Run*> valid = runs;
  std::erase_if(valid, [](const v1::Run* run) {
    return outcome::MarkOf(run->outcome()) == outcome::Mark::kInvalid;
  });
  return valid;
}

statistics::Count OfClass(const std::vector<const v1::Run*>& runs, v1::OutcomeClass wanted) {
  statistics::Count count{0, static_cast<uint32_t>(runs.size())};
  for (const v1::Run* run : runs) count.of += run->outcome().outcome_class() == wanted ? 1 : 0;
  return count;
}

statistics::Count CountOf(const v1::Share& share) { return {share.of(), share.all()}; }

void AddExpectations(const std::vector<const v1::Run*>& before,
                     const std::vector<const v1::Run*>& after, std::vector<Compared>& compared) {
  std::map<std::string, statistics::Count> old_counts;
  for (const v1::ExpectFigures& figure : Expectations(before, kAnyRate))
    old_counts[figure.expect()] = CountOf(figure.violated());
  for (const v1::ExpectFigures& figure : Expectations(after, kAnyRate)) {
    const auto old_count = old_counts.find(figure.expect());
    const bool judged = old_count != old_counts.end() && old_count->second.all > 0;
    if (!judged || figure.violated().all() == 0) continue;
    compared.push_back(CompareRates("violates " + figure.expect(), old_count->second,
                                    CountOf(figure.violated()), true));
  }
}

// Calls for each operation: how much the agent tries.
double Amplification(const v1::Run& run) {
  const v1::Outcome& outcome = run.outcome();
  return outcome.operations() == 0
             ? 1
             : static_cast<double>(outcome.exchanges()) / outcome.operations();
}

void AddClasses(const std::vector<const v1::Run*>& before, const std::vector<const v1::Run*>& after,
                std::vector<Compared>& compared) {
  for (const v1::OutcomeClass bad :
       {v1::OUTCOME_CLASS_UNSAFE, v1::OUTCOME_CLASS_FAILED_SILENT, v1::OUTCOME_CLASS_FAILED_LOUD,
        v1::OUTCOME_CLASS_RUNAWAY, v1::OUTCOME_CLASS_HUNG}) {
    const statistics::Count old_count = OfClass(before, bad);
    const statistics::Count new_count = OfClass(after, bad);
    if (old_count.of + new_count.of == 0) continue;
    const std::string name =
        v1::OutcomeClass_Name(bad).substr(std::string_view("OUTCOME_CLASS_").size());
    compared.push_back(CompareRates(name, old_count, new_count, true));
  }
}

void Mark(std::vector<Compared>& compared) {
  std::vector<double> worse;
  std::vector<double> better;
  for (const Compared& one : compared) {
    worse.push_back(one.chance_worse);
    better.push_back(one.chance_better);
  }
  for (const size_t at : statistics::Rejected(worse, kFalseAlarm))
    compared[at].change.set_regression(true);
  for (const size_t at : statistics::Rejected(better, kFalseAlarm))
    compared[at].change.set_improvement(true);
  for (Compared& one : compared)
    one.change.set_p_value(std::min(1.0, 2 * std::min(one.chance_worse, one.chance_better)));
}

bool SameScenario(const v1::Scenario& before, const v1::Scenario& after) {
  return google::protobuf::util::MessageDifferencer::Equals(before, after);
}

void AddDoubts(const Side& before, const Side& after, v1::CompareExperimentsResponse& response) {
  if (!SameScenario(before.experiment.scenario(), after.experiment.scenario()))
    response.add_doubts("the two experiments do not run the same scenario");
  for (const auto* side : {&before, &after}) {
    const uint32_t invalid = side->experiment.conclusion().invalid_runs();
    if (invalid > 0)
      response.add_doubts(
          fmt::format("{} runs of {} are INVALID and left out", invalid, side->experiment.id()));
    if (!side->experiment.has_end_time())
      response.add_doubts(fmt::format("{} is still going on", side->experiment.id()));
  }
}

}  // namespace

v1::CompareExperimentsResponse Compare(const Side& before, const Side& after) {
  const std::vector<const v1::Run*> old_runs = Valid(outcome::ByArm(before.runs).treatment);
  const std::vector<const v1::Run*> new_runs = Valid(outcome::ByArm(after.runs).treatment);
  std::vector<Compared> compared;
  const statistics::Count old_good = GoodRuns(old_runs);
  const statistics::Count new_good = GoodRuns(new_runs);
  if (old_good.all > 0 && new_good.all > 0)
    compared.push_back(CompareRates("good runs", old_good, new_good, false));
  AddClasses(old_runs, new_runs, compared);
  AddExpectations(old_runs, new_runs, compared);
  if (old_good.of > 0 && new_good.of > 0) {
    compared.push_back(
        CompareSizes("tokens of a good run", Good(old_runs), Good(new_runs), TokensOf));
    compared.push_back(CompareSizes("calls for each operation of a good run", Good(old_runs),
                                    Good(new_runs), Amplification));
  }
  Mark(compared);
  v1::CompareExperimentsResponse response;
  for (Compared& one : compared) *response.add_changes() = std::move(one.change);
  AddDoubts(before, after, response);
  return response;
}

}  // namespace murphy::analysis
