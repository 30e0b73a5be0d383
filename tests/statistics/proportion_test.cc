// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/proportion.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/statistics/coin.h"

namespace murphy::statistics {
namespace {

TEST(Wilson, MatchesPublishedIntervals) {
  EXPECT_NEAR(Wilson({5, 100}).low, 0.0215, 5e-4);
  EXPECT_NEAR(Wilson({5, 100}).high, 0.1118, 5e-4);
  EXPECT_NEAR(Wilson({18, 20}).low, 0.699, 5e-4);
  EXPECT_NEAR(Wilson({18, 20}).high, 0.972, 5e-4);
  EXPECT_EQ(Wilson({0, 0}).high, 1.0);
}

TEST(UnseenBound, IsTheRuleOfThree) {
  EXPECT_NEAR(UnseenBound(30), 0.095, 5e-4);
  EXPECT_NEAR(UnseenBound(100), 0.030, 5e-4);
}

// Newcombe 1998, table II, method 10.
TEST(Difference, MatchesPublishedIntervals) {
  EXPECT_NEAR(Difference({56, 70}, {48, 80}).low, 0.0524, 1e-4);
  EXPECT_NEAR(Difference({56, 70}, {48, 80}).high, 0.3339, 1e-4);
  EXPECT_NEAR(Difference({10, 10}, {0, 20}).low, 0.6791, 1e-4);
  EXPECT_NEAR(Difference({10, 10}, {0, 20}).high, 1.0, 1e-4);
}

// Two hundred of each arm, and what they can see.
TEST(SmallestDrop, MatchesThePublishedSizes) {
  EXPECT_NEAR(SmallestDrop(435, 0.95), 0.05, 5e-4);
  EXPECT_NEAR(SmallestDrop(141, 0.95), 0.10, 5e-4);
  EXPECT_NEAR(SmallestDrop(199, 0.90), 0.10, 5e-4);
  EXPECT_NEAR(SmallestDrop(100, 0.99), 0.090, 1e-3);
  EXPECT_NEAR(SmallestDrop(100, 0.80), 0.179, 1e-3);
  EXPECT_LT(SmallestDrop(100, 0.90, 0.5), SmallestDrop(100, 0.90));
  EXPECT_EQ(SmallestDrop(2, 0.9), 1);
  EXPECT_EQ(SmallestDrop(0, 0.9), 1);
}

TEST(SmallestDrop, IsFoundInFourOfFiveExperiments) {
  constexpr uint32_t kRuns = 100;
  const double drop = SmallestDrop(kRuns, 0.9);
  Coin coin(5);
  int found = 0;
  for (int experiment = 0; experiment < 2000; ++experiment) {
    Count before{0, kRuns};
    Count after{0, kRuns};
    for (uint32_t run = 0; run < kRuns; ++run) {
      before.of += coin.Falls(0.9) ? 1 : 0;
      after.of += coin.Falls(0.9 - drop) ? 1 : 0;
    }
    const double pooled = (before.rate() + after.rate()) / 2;
    const double error = std::sqrt(2 * pooled * (1 - pooled) / kRuns);
    if (before.rate() - after.rate() > kZ95 * error) ++found;
  }
  EXPECT_NEAR(found / 2000.0, 0.8, 0.03);
}

}  // namespace
}  // namespace murphy::statistics
