// SPDX-License-Identifier: Apache-2.0
#include "faults/nearest.h"

#include <gtest/gtest.h>

namespace murphy {
namespace {

const std::vector<std::string> kNames = {"rate_limit", "reset", "retry_after", "retry_after_form",
                                         "first",      "nth",   "every"};

TEST(NearestName, ForgivesTypingMistakes) {
  EXPECT_EQ(NearestName("frist", kNames), "first");
  EXPECT_EQ(NearestName("evrey", kNames), "every");
  EXPECT_EQ(NearestName("rate_limt", kNames), "rate_limit");
  EXPECT_EQ(NearestName("nht", kNames), "nth");
}

TEST(NearestName, IgnoresCaseAndSeparators) {
  EXPECT_EQ(NearestName("RateLimit", kNames), "rate_limit");
  EXPECT_EQ(NearestName("retry-after", kNames), "retry_after");
}

TEST(NearestName, TakesTheBeginningOfAName) {
  EXPECT_EQ(NearestName("retry", kNames), "retry_after");
  EXPECT_EQ(NearestName("rate", kNames), "rate_limit");
}

TEST(NearestName, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(NearestName("banana", kNames), "");
  EXPECT_EQ(NearestName("", kNames), "");
  EXPECT_EQ(NearestName("__", kNames), "");
  EXPECT_EQ(NearestName("first", {}), "");
}

TEST(NearestName, IsBounded) {
  EXPECT_EQ(NearestName(std::string(1 << 20, 'a'), {std::string(1 << 20, 'a')}), "");
}

}  // namespace
}  // namespace murphy
