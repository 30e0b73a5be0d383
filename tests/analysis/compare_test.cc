// SPDX-License-Identifier: Apache-2.0
#include "daemon/analysis/compare.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/analysis/made_runs.h"
#include "tests/statistics/coin.h"

namespace murphy::analysis {
namespace {

constexpr char kOnce[] = "at_most_once_effect = { target = \"charge\" }";

// An agent that fails so often, and pays twice so often, at some cost.
Side Simulate(statistics::Coin& coin, uint32_t runs, double fails, double twice, double cost) {
  Side side;
  side.experiment.set_id("e");
  side.experiment.mutable_end_time();
  for (uint32_t i = 0; i < runs; ++i) {
    const bool failed = coin.Falls(fails);
    const auto tokens = static_cast<uint64_t>(cost * (100 + 50 * coin.Uniform()));
    v1::Run run = MadeRun(
        i, failed ? v1::OUTCOME_CLASS_FAILED_SILENT : v1::OUTCOME_CLASS_RECOVERED, tokens);
    Expect(run, kOnce, !coin.Falls(twice));
    side.runs.push_back(std::move(run));
  }
  return side;
}

const v1::Change& Of(const v1::CompareExperimentsResponse& response, const std::string& figure) {
  const auto at = std::find_if(response.changes().begin(), response.changes().end(),
                               [&](const v1::Change& change) { return change.figure() == figure; });
  EXPECT_NE(at, response.changes().end()) << figure;
  return *at;
}

TEST(Compare, NamesWhatHasBecomeWorseAndNothingElse) {
  statistics::Coin coin(5);
  const auto response = Compare(Simulate(coin, 60, 0.05, 0.02, 1), Simulate(coin, 60, 0.05, 0.4, 1));
  EXPECT_TRUE(Of(response, std::string("violates ") + kOnce).regression());
  EXPECT_FALSE(Of(response, "FAILED_SILENT").regression());
  EXPECT_FALSE(Of(response, "tokens of a good run").regression());
  EXPECT_TRUE(Of(response, "good runs").regression());
  EXPECT_LT(Of(response, "good runs").difference().high(), 0);
  EXPECT_EQ(response.doubts_size(), 0);
}

TEST(Compare, NamesWhatHasBecomeBetter) {
  statistics::Coin coin(7);
  const auto response = Compare(Simulate(coin, 60, 0.5, 0.0, 2), Simulate(coin, 60, 0.02, 0.0, 1));
  EXPECT_TRUE(Of(response, "FAILED_SILENT").improvement());
  EXPECT_TRUE(Of(response, "tokens of a good run").improvement());
  EXPECT_FALSE(Of(response, "tokens of a good run").regression());
}

TEST(Compare, AccusesAnUnchangedAgentInAtMostOneOfTwentyComparisons) {
  statistics::Coin coin(11);
  int accused = 0;
  for (int comparison = 0; comparison < 300; ++comparison) {
    const auto response =
        Compare(Simulate(coin, 30, 0.2, 0.1, 1), Simulate(coin, 30, 0.2, 0.1, 1));
    accused += std::any_of(response.changes().begin(), response.changes().end(),
                           [](const v1::Change& change) { return change.regression(); })
                   ? 1
                   : 0;
  }
  EXPECT_LE(accused, 15);
}

TEST(Compare, ClaimsNothingFromAHandfulOfRuns) {
  statistics::Coin coin(13);
  const auto response = Compare(Simulate(coin, 3, 0, 0, 1), Simulate(coin, 3, 1, 1, 5));
  for (const v1::Change& change : response.changes()) EXPECT_FALSE(change.regression()) << change.figure();
  EXPECT_GT(Of(response, "good runs").smallest_change(), 0.9);
}

TEST(Compare, DoesNotTakeAnAgentThatGoesOnTryingForAWorseOne) {
  statistics::Coin coin(19);
  const auto response = Compare(Simulate(coin, 40, 1, 0, 1), Simulate(coin, 40, 0, 0, 9));
  for (const v1::Change& change : response.changes()) EXPECT_FALSE(change.regression()) << change.figure();
}

TEST(Compare, NamesAVersionThatNeedsMoreForTheSame) {
  statistics::Coin coin(23);
  const auto response = Compare(Simulate(coin, 40, 0, 0, 1), Simulate(coin, 40, 0, 0, 3));
  EXPECT_TRUE(Of(response, "tokens of a good run").regression());
  EXPECT_FALSE(Of(response, "calls for each operation of a good run").regression());
}

TEST(Compare, SaysWhatMakesItDoubtful) {
  statistics::Coin coin(17);
  Side before = Simulate(coin, 10, 0, 0, 1);
  Side after = Simulate(coin, 10, 0, 0, 1);
  after.experiment.mutable_scenario()->set_name("another");
  after.experiment.clear_end_time();
  before.experiment.mutable_conclusion()->set_invalid_runs(2);
  EXPECT_EQ(Compare(before, after).doubts_size(), 3);
}

}  // namespace
}  // namespace murphy::analysis
