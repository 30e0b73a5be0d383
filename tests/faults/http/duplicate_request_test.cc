// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

TEST(DuplicateRequestTest, ForwardsTwiceAndPassesTheFirstAnswerOn) {
  FaultScript script("duplicate_request { }");
  EXPECT_EQ(script.Request(), (Transcript{"ForwardCopies 2 gap 0s answer 1"}));
  EXPECT_EQ(script.Parameters(), R"({"copies":2,"gap":"0s","answer":1})");
  EXPECT_FALSE(script.fault().terminal());
}

TEST(DuplicateRequestTest, ForwardsWithAGapAndPassesALaterAnswerOn) {
  FaultScript script("duplicate_request { copies: 3 gap { seconds: 1 } answer: 2 }");
  EXPECT_EQ(script.Request(), (Transcript{"ForwardCopies 3 gap 1s answer 2"}));
}

TEST(DuplicateRequestTest, AnswerIsNeverBeyondTheCopies) {
  EXPECT_EQ(FaultScript("duplicate_request { answer: 9 }").Request(),
            (Transcript{"ForwardCopies 2 gap 0s answer 2"}));
}

TEST(DuplicateRequestTest, DoesNothingWhenTheRequestWasNotHeld) {
  FaultScript script("duplicate_request { }");
  script.request.body_complete = false;
  EXPECT_EQ(script.Request(),
            (Transcript{"no_op: the request was too large to hold, so it cannot be sent again"}));
}

}  // namespace
}  // namespace murphy::test
