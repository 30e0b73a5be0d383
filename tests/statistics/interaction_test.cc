// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/interaction.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/statistics/coin.h"

namespace murphy::statistics {
namespace {

Arms2x2 Simulate(Coin& coin, uint32_t runs, double first, double second, double both) {
  Arms2x2 arms;
  for (uint32_t run = 0; run < runs; ++run) {
    for (auto [count, rate] : {std::pair(&arms.neither, 0.98), {&arms.first, first}, {&arms.second, second}, {&arms.both, both}}) {
      ++count->all;
      if (coin.Falls(rate)) ++count->of;
    }
  }
  return arms;
}

TEST(Interaction, IsNoneWhereEachFaultActsByItself) {
  const Interaction found = InteractionOf({{1000, 1000}, {800, 1000}, {500, 1000}, {400, 1000}}, 1);
  EXPECT_NEAR(found.value, 0, 0.01);
  EXPECT_LT(found.interval.low, 0);
  EXPECT_GT(found.interval.high, 0);
}

TEST(Interaction, SeesFaultsThatAreHarmlessAloneAndDeadlyTogether) {
  const Interaction found = InteractionOf({{30, 30}, {30, 30}, {30, 30}, {0, 30}}, 1);
  EXPECT_LT(found.interval.high, -0.5);
  const Interaction masking = InteractionOf({{100, 100}, {30, 100}, {30, 100}, {30, 100}}, 1);
  EXPECT_GT(masking.interval.low, 0.5);
}

TEST(Interaction, IsTheSameForTheSameSeed) {
  const Arms2x2 arms{{30, 30}, {25, 30}, {20, 30}, {10, 30}};
  EXPECT_EQ(InteractionOf(arms, 7).interval.low, InteractionOf(arms, 7).interval.low);
  EXPECT_NE(InteractionOf(arms, 7).interval.low, InteractionOf(arms, 8).interval.low);
}

TEST(Interaction, MissesTheTruthInAboutOneOfTwentyExperiments) {
  Coin coin(29);
  constexpr double kFirst = 0.8;
  constexpr double kSecond = 0.7;
  constexpr double kBoth = 0.4;
  const double truth = std::log(kBoth) + std::log(0.98) - std::log(kFirst) - std::log(kSecond);
  int missed = 0;
  for (uint64_t experiment = 0; experiment < 400; ++experiment) {
    const Interaction found = InteractionOf(Simulate(coin, 60, kFirst, kSecond, kBoth), experiment, 500);
    if (truth < found.interval.low || truth > found.interval.high) ++missed;
  }
  EXPECT_LE(missed, 32);
}

}  // namespace
}  // namespace murphy::statistics
