// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

TEST(HangTest, IsSilentUntilTheAgentLeaves) {
  FaultScript script("hang { }");
  EXPECT_EQ(script.Request(), (Transcript{"Hang"}));
  EXPECT_TRUE(script.fault().terminal());
  EXPECT_EQ(script.Parameters(), "{}");
}

TEST(HangTest, IsSilentForAWhile) {
  FaultScript script("hang { duration { seconds: 90 } }");
  EXPECT_EQ(script.Request(), (Transcript{"Hang 1m30s"}));
  EXPECT_EQ(script.Parameters(), R"({"duration":"1m30s"})");
}

TEST(HangTest, DoesNothingToAnAnswer) {
  EXPECT_TRUE(FaultScript("hang { }").Answer("x").actions.empty());
}

}  // namespace
}  // namespace murphy::test
