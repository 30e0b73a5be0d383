// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/evidence_process.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/statistics/coin.h"

namespace murphy::statistics {
namespace {

const double kFail = std::log(100.0);
const double kPass = std::log(20.0);

// The published operating points: with no violations at all, 20 runs pass at 0.20.
TEST(EvidenceProcess, PassesACleanAgentAfterTwentyRunsAtTwentyPercent) {
  EXPECT_LT(LogEvidenceOfSuccess(19, 0, 0.20), kPass);
  EXPECT_GE(LogEvidenceOfSuccess(20, 0, 0.20), kPass);
  // (1 - 0.8^21) / (21 · 0.2 · 0.8^20)
  EXPECT_NEAR(std::exp(LogEvidenceOfSuccess(20, 0, 0.20)), 20.46, 0.01);
}

TEST(EvidenceProcess, FailsAnAgentThatAlwaysViolates) {
  // P[Bin(n+1, 0.1) ≤ n] / ((n+1) · 0.9 · 0.1^n)
  EXPECT_NEAR(std::exp(LogEvidenceOfFailure(2, 2, 0.10)), 0.999 / (3 * 0.9 * 0.01), 1e-6);
  EXPECT_LT(LogEvidenceOfFailure(2, 2, 0.10), kFail);
  EXPECT_GE(LogEvidenceOfFailure(3, 3, 0.10), kFail);
}

TEST(EvidenceProcess, StaysUndecidedBetweenTheRates) {
  EXPECT_LT(LogEvidenceOfFailure(20, 4, 0.10), kFail);
  EXPECT_LT(LogEvidenceOfSuccess(20, 4, 0.30), kPass);
}

TEST(EvidenceProcess, KnowsItsEdges) {
  EXPECT_EQ(LogEvidenceOfFailure(5, 1, 0.0), INFINITY);
  EXPECT_LT(LogEvidenceOfFailure(5, 0, 0.0), kFail);
  EXPECT_EQ(LogEvidenceOfFailure(5, 5, 1.0), -INFINITY);
  EXPECT_EQ(LogEvidenceOfSuccess(5, 4, 1.0), INFINITY);
  EXPECT_EQ(LogEvidenceOfSuccess(5, 0, 0.0), -INFINITY);
  EXPECT_TRUE(std::isfinite(LogEvidenceOfFailure(0, 0, 0.1)));
}

TEST(EvidenceProcess, DoesNotOverflow) {
  EXPECT_GT(LogEvidenceOfFailure(100'000, 90'000, 0.1), 1000);
  EXPECT_TRUE(std::isfinite(LogEvidenceOfFailure(100'000, 90'000, 0.1)));
  EXPECT_TRUE(std::isfinite(LogEvidenceOfSuccess(100'000, 0, 0.3)));
}

// The mean of an e-process under its hypothesis is at most 1: checked exactly for some n.
TEST(EvidenceProcess, IsFairUnderItsHypothesis) {
  for (const uint32_t runs : {1u, 5u, 30u}) {
    double mean_fail = 0;
    double mean_pass = 0;
    for (uint32_t k = 0; k <= runs; ++k) {
      const double ways =
          std::lgamma(runs + 1.0) - std::lgamma(k + 1.0) - std::lgamma(runs - k + 1.0);
      const auto chance = [&](double p) {
        return ways + k * std::log(p) + (runs - k) * std::log1p(-p);
      };
      mean_fail += std::exp(chance(0.1) + LogEvidenceOfFailure(runs, k, 0.1));
      mean_pass += std::exp(chance(0.3) + LogEvidenceOfSuccess(runs, k, 0.3));
    }
    EXPECT_NEAR(mean_fail, 1.0, 1e-9) << runs;
    EXPECT_NEAR(mean_pass, 1.0, 1e-9) << runs;
  }
}

// However often one looks at it.
TEST(AnytimeInterval, MissesTheRateInFewerThanOneOfTwentyExperiments) {
  for (const double rate : {0.05, 0.3, 0.8}) {
    Coin coin(17);
    int missed = 0;
    for (int experiment = 0; experiment < 200; ++experiment) {
      Count seen;
      for (bool held = true; held && seen.all < 40;) {
        ++seen.all;
        if (coin.Falls(rate)) ++seen.of;
        const Interval interval = AnytimeInterval(seen);
        held = interval.low <= rate && rate <= interval.high;
        if (!held) ++missed;
      }
    }
    EXPECT_LE(missed, 10) << rate;
  }
}

TEST(AnytimeInterval, KnowsItsEdges) {
  EXPECT_EQ(AnytimeInterval({0, 0}).low, 0);
  EXPECT_EQ(AnytimeInterval({0, 0}).high, 1);
  EXPECT_EQ(AnytimeInterval({0, 20}).low, 0);
  EXPECT_EQ(AnytimeInterval({20, 20}).high, 1);
  // (1 - 0.948^101) / (101 · 0.052 · 0.948^100) is 40.
  EXPECT_NEAR(AnytimeInterval({0, 100}).high, 0.052, 1e-3);
  EXPECT_GT(AnytimeInterval({20, 20}).low, 0.6);
}

}  // namespace
}  // namespace murphy::statistics
