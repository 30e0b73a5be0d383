// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/repeats.h"

#include <gtest/gtest.h>

#include <cmath>

#include "daemon/statistics/compound.h"
#include "tests/statistics/coin.h"

namespace murphy::statistics {
namespace {

TEST(PassAll, CountsTheDrawsInWhichAllSucceed) {
  EXPECT_NEAR(PassAll(8, 10, 2), 8.0 / 10 * 7 / 9, 1e-12);
  EXPECT_EQ(PassAll(3, 10, 4), 0);
  EXPECT_EQ(PassAll(10, 10, 8), 1);
  EXPECT_TRUE(std::isnan(PassAll(3, 3, 4)));
}

TEST(PassAny, CountsTheDrawsInWhichOneSucceeds) {
  EXPECT_NEAR(PassAny(2, 10, 2), 1 - 8.0 / 10 * 7 / 9, 1e-12);
  EXPECT_EQ(PassAny(0, 10, 3), 0);
}

// Where the power of the rate that was seen is not.
TEST(PassAll, HasNoBias) {
  constexpr double kRate = 0.8;
  Coin coin(3);
  double unbiased = 0;
  double naive = 0;
  constexpr int kExperiments = 20000;
  for (int experiment = 0; experiment < kExperiments; ++experiment) {
    uint32_t successes = 0;
    for (int run = 0; run < 10; ++run) successes += coin.Falls(kRate) ? 1 : 0;
    unbiased += PassAll(successes, 10, 4) / kExperiments;
    naive += std::pow(successes / 10.0, 4) / kExperiments;
  }
  EXPECT_NEAR(unbiased, std::pow(kRate, 4), 0.006);
  EXPECT_GT(naive, std::pow(kRate, 4) + 0.02);
}

TEST(CompoundReliability, PredictsTheChainAndSeesWhatRecoveryAdds) {
  // Ten steps of 95 % come to 60 %.
  const std::vector<Step> steps(10, Step{{950, 1000}});
  const Compound alone = CompoundReliability(steps, {599, 1000});
  EXPECT_NEAR(alone.predicted, 0.5987, 1e-4);
  EXPECT_NEAR(alone.ratio, 1, 0.01);
  EXPECT_LT(alone.interval.low, 1);
  EXPECT_GT(alone.interval.high, 1);
  const Compound recovers = CompoundReliability(steps, {900, 1000});
  EXPECT_GT(recovers.interval.low, 1);
  const Compound feeds = CompoundReliability(steps, {400, 1000});
  EXPECT_LT(feeds.interval.high, 1);
  EXPECT_EQ(CompoundReliability({{{0, 10}}}, {0, 10}).predicted, 0);
  EXPECT_NEAR(CompoundReliability({{{95, 100}, 10}}, {60, 100}).predicted, 0.5987, 1e-4);
}

TEST(CompoundReliability, MissesTheTruthInOneOfTwentyExperiments) {
  Coin coin(11);
  int missed = 0;
  for (int experiment = 0; experiment < 1000; ++experiment) {
    std::vector<Step> steps(10);
    Count runs{0, 100};
    for (int run = 0; run < 100; ++run) {
      bool well = true;
      for (Step& step : steps) {
        if (!well) break;
        ++step.attempts.all;
        well = coin.Falls(0.95);
        if (well) ++step.attempts.of;
      }
      if (well) ++runs.of;
    }
    const Compound found = CompoundReliability(steps, runs);
    if (found.interval.low > 1 || found.interval.high < 1) ++missed;
  }
  EXPECT_LE(missed, 65);
}

}  // namespace
}  // namespace murphy::statistics
