// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/pairs.h"

#include <gtest/gtest.h>

#include <cmath>

#include "daemon/statistics/many.h"
#include "tests/statistics/coin.h"

namespace murphy::statistics {
namespace {

// Tasks are easy or hard. Hard ones make more calls, so that a fault is likelier to meet them, and
// fail more, fault or not. Whether it would fire is the same for both twins in nine of ten pairs:
// agents do not take the same path each time.
Pair Simulate(Coin& coin, double harm) {
  const bool hard = coin.Falls(0.5);
  const double fires = hard ? 0.9 : 0.2;
  const double succeeds = hard ? 0.5 : 0.95;
  Pair pair;
  pair.would_fire = coin.Falls(fires);
  pair.fired = coin.Falls(0.1) ? coin.Falls(fires) : pair.would_fire;
  pair.twin_well = coin.Falls(succeeds);
  pair.treated_well = coin.Falls(succeeds - (pair.fired ? harm : 0));
  return pair;
}

std::vector<Pair> Simulate(Coin& coin, size_t pairs, double harm) {
  std::vector<Pair> found;
  while (found.size() < pairs) found.push_back(Simulate(coin, harm));
  return found;
}

// Treated runs that fired beside all twins: the comparison that suggests itself.
double Naive(const std::vector<Pair>& pairs) {
  Count fired;
  Count twins;
  for (const Pair& pair : pairs) {
    if (pair.fired) ++fired.all;
    if (pair.fired && pair.treated_well) ++fired.of;
    ++twins.all;
    if (pair.twin_well) ++twins.of;
  }
  return fired.rate() - twins.rate();
}

TEST(EffectOfFired, HasNoBiasWhereTheNaiveComparisonBlamesAHarmlessFault) {
  for (const double harm : {0.0, 0.2}) {
    Coin coin(41);
    double mean = 0;
    double naive = 0;
    constexpr int kExperiments = 300;
    for (int experiment = 0; experiment < kExperiments; ++experiment) {
      const std::vector<Pair> pairs = Simulate(coin, 100, harm);
      mean += EffectOfFired(pairs).value / kExperiments;
      naive += Naive(pairs) / kExperiments;
    }
    EXPECT_NEAR(mean, -harm, 0.015) << harm;
    EXPECT_LT(naive, -harm - 0.08) << harm;
  }
}

TEST(EffectOfFired, MissesTheTruthInAtMostOneOfTwentyExperiments) {
  Coin coin(43);
  int missed = 0;
  for (int experiment = 0; experiment < 1000; ++experiment) {
    const Effect effect = EffectOfFired(Simulate(coin, 100, 0.2));
    if (effect.interval.low > -0.2 || effect.interval.high < -0.2) ++missed;
  }
  EXPECT_LE(missed, 60);
}

TEST(EffectOfArms, IsDilutedByRunsInWhichNothingFired) {
  Coin coin(47);
  const std::vector<Pair> pairs = Simulate(coin, 20000, 0.2);
  EXPECT_NEAR(EffectOfArms(pairs).value, -0.2 * 0.55, 0.02);
}

TEST(EffectOfFired, SaysNothingWithoutAFault) {
  const Effect effect = EffectOfFired({{.twin_well = true}});
  EXPECT_EQ(effect.treated.all, 0u);
  EXPECT_EQ(effect.interval.low, -1);
  EXPECT_EQ(effect.interval.high, 1);
}

TEST(LogEvidenceOfHarm, AccusesAHarmlessFaultInAtMostOneOfTwentyExperimentsHoweverOftenOneLooks) {
  Coin coin(53);
  int accused = 0;
  int found = 0;
  for (int experiment = 0; experiment < 500; ++experiment) {
    std::vector<Pair> harmless;
    std::vector<Pair> harmful;
    bool said = false;
    bool seen = false;
    for (int pair = 0; pair < 60; ++pair) {
      harmless.push_back(Simulate(coin, 0.0));
      harmful.push_back(Simulate(coin, 0.5));
      said = said || LogEvidenceOfHarm(harmless) >= std::log(20);
      seen = seen || LogEvidenceOfHarm(harmful) >= std::log(20);
    }
    accused += said ? 1 : 0;
    found += seen ? 1 : 0;
  }
  EXPECT_LE(accused, 25);
  EXPECT_GE(found, 350);
}

TEST(Discoveries, TakesTheStrongestThatHoldTogether) {
  const auto logs = [](std::vector<double> values) {
    for (double& value : values) value = std::log(value);
    return values;
  };
  // Four at 0.05: 80 are needed for one, 40 each for two.
  EXPECT_EQ(Discoveries(logs({1, 50, 45, 2}), 0.05), (std::vector<size_t>{1, 2}));
  EXPECT_EQ(Discoveries(logs({79, 1, 1, 1}), 0.05), std::vector<size_t>{});
  EXPECT_EQ(Discoveries(logs({1, 1, 81, 1}), 0.05), std::vector<size_t>{2});
  EXPECT_EQ(Discoveries({}, 0.05), std::vector<size_t>{});
}

// Twenty expectations, half of them true of one agent in the same runs.
TEST(Discoveries, AreWrongInAtMostOneOfTwentyOnAverage) {
  Coin coin(59);
  double wrong = 0;
  double right = 0;
  constexpr int kExperiments = 200;
  for (int experiment = 0; experiment < kExperiments; ++experiment) {
    std::vector<double> evidence;
    for (int hypothesis = 0; hypothesis < 20; ++hypothesis) {
      std::vector<Pair> pairs = Simulate(coin, 60, hypothesis < 10 ? 0.0 : 0.5);
      evidence.push_back(LogEvidenceOfHarm(pairs));
    }
    const std::vector<size_t> found = Discoveries(evidence, 0.05);
    double false_ones = 0;
    for (const size_t at : found) false_ones += at < 10 ? 1 : 0;
    if (!found.empty()) wrong += false_ones / static_cast<double>(found.size()) / kExperiments;
    right += (static_cast<double>(found.size()) - false_ones) / 10 / kExperiments;
  }
  EXPECT_LE(wrong, 0.05);
  EXPECT_GE(right, 0.5);
}

}  // namespace
}  // namespace murphy::statistics
