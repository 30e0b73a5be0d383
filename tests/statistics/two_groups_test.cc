// SPDX-License-Identifier: Apache-2.0
#include "daemon/statistics/two_groups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/statistics/coin.h"

namespace murphy::statistics {
namespace {

TEST(ChanceOfExcess, IsFishersExactTest) {
  // The lady tasting tea: three of four, and four of four.
  EXPECT_NEAR(ChanceOfExcess({3, 4}, {1, 4}), 17.0 / 70, 1e-12);
  EXPECT_NEAR(ChanceOfExcess({4, 4}, {0, 4}), 1.0 / 70, 1e-12);
  EXPECT_EQ(ChanceOfExcess({0, 10}, {0, 10}), 1);
  EXPECT_EQ(ChanceOfExcess({0, 10}, {5, 10}), 1);
  EXPECT_EQ(ChanceOfExcess({0, 0}, {0, 0}), 1);
}

TEST(ChanceOfShift, IsWilcoxonsRankSum) {
  const std::vector<double> low = {1, 2, 3, 4, 5};
  const std::vector<double> high = {6, 7, 8, 9, 10};
  EXPECT_NEAR(ChanceOfShift(high, low), std::erfc(12 / std::sqrt(275.0 / 12) / std::sqrt(2.0)) / 2, 1e-12);
  EXPECT_GT(ChanceOfShift(low, high), 0.99);
  EXPECT_EQ(ChanceOfShift({3, 3, 3, 3, 3}, {3, 3, 3, 3, 3}), 1);
  EXPECT_EQ(ChanceOfShift({9, 9, 9, 9}, {1, 1, 1, 1}), 1) << "too few to say";
}

TEST(Rejected, StopsAtTheFirstThatDoesNotHold) {
  EXPECT_EQ(Rejected({0.04, 0.001, 0.02}, 0.05), (std::vector<size_t>{1, 2, 0}));
  EXPECT_EQ(Rejected({0.04, 0.001, 0.03}, 0.05), std::vector<size_t>{1});
  EXPECT_EQ(Rejected({0.04, 0.03}, 0.05), std::vector<size_t>{});
}

// Ten figures of two versions that are the same: any false alarm at all.
TEST(Rejected, AccusesAnUnchangedAgentInAtMostOneOfTwentyComparisons) {
  Coin coin(61);
  int accused = 0;
  int found = 0;
  for (int comparison = 0; comparison < 400; ++comparison) {
    std::vector<double> chances;
    std::vector<double> changed;
    for (int figure = 0; figure < 10; ++figure) {
      Count before{0, 40};
      Count after{0, 40};
      Count worse{0, 40};
      for (int run = 0; run < 40; ++run) {
        before.of += coin.Falls(0.1) ? 1 : 0;
        after.of += coin.Falls(0.1) ? 1 : 0;
        worse.of += coin.Falls(figure == 3 ? 0.6 : 0.1) ? 1 : 0;
      }
      chances.push_back(ChanceOfExcess(after, before));
      changed.push_back(ChanceOfExcess(worse, before));
    }
    accused += Rejected(chances, 0.05).empty() ? 0 : 1;
    const std::vector<size_t> seen = Rejected(changed, 0.05);
    found += std::count(seen.begin(), seen.end(), 3u) > 0 ? 1 : 0;
  }
  EXPECT_LE(accused, 20);
  EXPECT_GE(found, 360);
}

TEST(ChanceOfShift, AccusesUnchangedCostsInAtMostOneOfTwentyComparisons) {
  Coin coin(67);
  int accused = 0;
  int found = 0;
  const auto draw = [&coin](double scale) {
    std::vector<double> costs;
    // Heavy-tailed, with ties.
    for (int run = 0; run < 30; ++run) costs.push_back(std::round(scale * 100 / (1 - coin.Uniform())));
    return costs;
  };
  for (int comparison = 0; comparison < 1000; ++comparison) {
    accused += ChanceOfShift(draw(1), draw(1)) <= 0.05 ? 1 : 0;
    found += ChanceOfShift(draw(3), draw(1)) <= 0.05 ? 1 : 0;
  }
  EXPECT_LE(accused, 65);
  EXPECT_GE(found, 900);
}

}  // namespace
}  // namespace murphy::statistics
