// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

TEST(ResetTest, ResetsBeforeTheUpstreamSeesTheRequest) {
  FaultScript script("reset { }");
  EXPECT_EQ(script.Request(), (Transcript{"Reset"}));
  EXPECT_EQ(script.fault().stage(), Stage::kPreCommit);
  EXPECT_TRUE(script.fault().terminal());
  EXPECT_EQ(script.Parameters(), R"({"point":"request"})");
}

TEST(ResetTest, ResetsInsteadOfTheAnswer) {
  FaultScript script("reset { point: RESET_POINT_RESPONSE }");
  EXPECT_TRUE(script.Request().empty());
  EXPECT_EQ(script.Answer("x").actions, (Transcript{"DiscardAnswer", "Reset"}));
  EXPECT_EQ(script.fault().stage(), Stage::kPostCommit);
}

TEST(ResetTest, ResetsInsideTheBody) {
  FaultScript script("reset { point: RESET_POINT_BODY bytes: 10 }");
  EXPECT_TRUE(script.Request().empty());
  EXPECT_EQ(script.Answer("x").actions, (Transcript{"CutBody 10 reset"}));
  EXPECT_EQ(script.Parameters(), R"({"point":"body","bytes":10})");
}

TEST(ResetTest, DoesNothingToTheAnswerWhenTheRequestIsMeant) {
  FaultScript script("reset { }");
  EXPECT_TRUE(script.Answer("x").actions.empty());
}

}  // namespace
}  // namespace murphy::test
