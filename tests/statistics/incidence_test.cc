// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/incidence.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/statistics/coin.h"

namespace murphy::statistics {
namespace {

constexpr uint32_t kRecovered = 1;
constexpr uint32_t kGaveUp = 2;

TEST(Incidence, SumsToWhatHappenedWhereNothingIsCensored) {
  const Incidence incidence({{1, kRecovered}, {2, kGaveUp}, {2, kRecovered}, {5, kRecovered}});
  EXPECT_EQ(incidence.At(0.5, kRecovered), 0);
  EXPECT_NEAR(incidence.At(1, kRecovered), 0.25, 1e-12);
  EXPECT_NEAR(incidence.At(2, kRecovered), 0.5, 1e-12);
  EXPECT_NEAR(incidence.At(9, kRecovered), 0.75, 1e-12);
  EXPECT_NEAR(incidence.At(9, kGaveUp), 0.25, 1e-12);
  EXPECT_EQ(incidence.Median(kRecovered), 2);
  EXPECT_EQ(incidence.Median(kGaveUp), std::numeric_limits<double>::infinity());
  // 1 for all, 1 more for three of four, 3 more for one of four.
  EXPECT_NEAR(incidence.RestrictedMean(10), 1 + 0.75 + 3 * 0.25, 1e-12);
}

TEST(Incidence, TakesNothingForTheEndOfEverything) {
  const Incidence nothing({});
  EXPECT_EQ(nothing.At(5, kRecovered), 0);
  EXPECT_EQ(nothing.RestrictedMean(5), 5);
  const Incidence censored({{3, 0}, {4, 0}});
  EXPECT_EQ(censored.At(9, kRecovered), 0);
  EXPECT_EQ(censored.RestrictedMean(6), 6);
}

// Recovers at a rate of 1, gives up at a rate of 1, and runs end anywhere: half recover. One minus
// Kaplan-Meier, for which those that gave up might still recover, comes to nearly all.
TEST(Incidence, DoesNotTakeGivingUpForNotYet) {
  Coin coin(23);
  std::vector<Passage> passages;
  std::vector<Passage> naive;
  for (int fault = 0; fault < 4000; ++fault) {
    const double recovers = -std::log(1 - coin.Uniform());
    const double gives_up = -std::log(1 - coin.Uniform());
    const double ends = 4 * coin.Uniform();
    const double at = std::min({recovers, gives_up, ends});
    const uint32_t outcome = at == ends ? 0 : at == recovers ? kRecovered : kGaveUp;
    passages.push_back({at, outcome});
    naive.push_back({at, outcome == kGaveUp ? 0 : outcome});
  }
  EXPECT_NEAR(Incidence(passages).At(3, kRecovered), 0.5, 0.02);
  EXPECT_GT(Incidence(naive).At(3, kRecovered), 0.9);
}

}  // namespace
}  // namespace murphy::statistics
