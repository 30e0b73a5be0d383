// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

TEST(TruncateBodyTest, KeepsAShare) {
  FaultScript script("truncate_body { }");
  EXPECT_EQ(script.Answer("0123456789").actions, (Transcript{"CutBody 5 honest"}));
  EXPECT_EQ(script.Parameters(), R"({"how":"clean","fraction":5E-1,"kept":5,"of":10})");
}

TEST(TruncateBodyTest, KeepsBytesAndLiesAboutTheLength) {
  FaultScript script("truncate_body { bytes: 3 how: TRUNCATE_MODE_DIRTY }");
  EXPECT_EQ(script.Answer("0123456789").actions, (Transcript{"CutBody 3 lying"}));
}

TEST(TruncateBodyTest, CanKeepNothing) {
  EXPECT_EQ(FaultScript("truncate_body { bytes: 0 }").Answer("x").actions,
            (Transcript{"CutBody 0 honest"}));
}

TEST(TruncateBodyTest, CountsTheBytesOfAllEvents) {
  EXPECT_EQ(FaultScript("truncate_body { }").Stream({Event("a"), Event("b")}).actions,
            (Transcript{"CutBody 9 honest"}));
}

TEST(TruncateBodyTest, DoesNothingWhenTheBodyIsShorter) {
  EXPECT_EQ(FaultScript("truncate_body { bytes: 10 }").Answer("0123456789").no_op,
            "the body has only 10 bytes");
  EXPECT_EQ(FaultScript("truncate_body { }").Answer("").no_op, "the body has only 0 bytes");
}

TEST(TruncateBodyTest, DoesNothingWhenTheAnswerWasNotHeld) {
  FaultScript script("truncate_body { }");
  script.too_large = true;
  EXPECT_EQ(script.Answer("0123456789").no_op,
            "the answer was too large to hold, or could not be decoded");
}

}  // namespace
}  // namespace murphy::test
