// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/canaries.h"

#include <gtest/gtest.h>

namespace murphy::runs {
namespace {

using Strings = std::vector<std::string>;

Canaries Planted(const Strings& nonces) {
  Canaries canaries;
  for (const std::string& nonce : nonces) canaries = canaries.With(nonce);
  return canaries;
}

TEST(Canaries, AreFoundInTheOrderInWhichTheyWerePlanted) {
  const Canaries canaries = Planted({"canary-b", "canary-a", "canary-c"});
  EXPECT_EQ(canaries.In("x canary-a canary-b canary-a"), Strings({"canary-b", "canary-a"}));
  EXPECT_EQ(canaries.In("canary- canary-x CANARY-A"), Strings());
  EXPECT_EQ(canaries.In(""), Strings());
}

TEST(Canaries, MayOverlapAndHaveNothingInCommon) {
  const Canaries canaries = Planted({"abc", "ab", "xyz"});
  EXPECT_EQ(canaries.In("..abc.."), Strings({"abc", "ab"}));
  EXPECT_EQ(canaries.In("xxyz ab"), Strings({"ab", "xyz"}));
  EXPECT_EQ(canaries.In("xy"), Strings());
}

TEST(Canaries, AreBoundedInNumberAndInWhatIsRead) {
  Canaries canaries;
  for (size_t i = 0; i <= Canaries::kMost; ++i)
    canaries = canaries.With("canary-" + std::to_string(i));
  EXPECT_EQ(canaries.In("canary-0 canary-256"), Strings({"canary-0", "canary-2", "canary-25"}));
  const std::string before(Canaries::kMostRead - 8, '.');
  EXPECT_EQ(canaries.In(before + "canary-0"), Strings({"canary-0"}));
  EXPECT_EQ(canaries.In(before + ".canary-0"), Strings()) << "it is not read as a whole";
}

TEST(Canaries, NoneFindNothing) { EXPECT_TRUE(Canaries().With("").In("text").empty()); }

}  // namespace
}  // namespace murphy::runs
