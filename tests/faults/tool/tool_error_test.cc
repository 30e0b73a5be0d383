// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

TEST(ToolErrorTest, FailsAsTheProtocolSaysIt) {
  FaultScript script(R"(tool_error { kind: TOOL_ERROR_KIND_NOT_FOUND message: "no such order" })");
  EXPECT_EQ(script.Request(),
            (Transcript{"Respond 200 route.tool failed: not_found by native: no such order"}));
  EXPECT_EQ(script.Parameters(), R"({"kind":"not_found","channel":"native"})");
  EXPECT_TRUE(script.fault().terminal());
}

TEST(ToolErrorTest, DefaultsToAnInternalFailure) {
  EXPECT_EQ(FaultScript("tool_error { }").Request(),
            (Transcript{"Respond 200 route.tool failed: internal by native"}));
}

TEST(ToolErrorTest, DoesNothingWhereCallsAreNotToolCalls) {
  FaultScript script("tool_error { }");
  script.dialect.speaks = false;
  EXPECT_EQ(script.Request(), (Transcript{"no_op: this exchange is not a tool call, or its "
                                          "protocol cannot say the failure this way"}));
}

}  // namespace
}  // namespace murphy::test
