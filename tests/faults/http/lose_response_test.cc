// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

Transcript Lost(std::string_view fault) {
  FaultScript script(fault);
  EXPECT_TRUE(script.Request().empty()) << "the upstream must act";
  return script.Answer("paid").actions;
}

TEST(LoseResponseTest, ResetsAfterTheUpstreamHasActed) {
  EXPECT_EQ(Lost("lose_response { }"), (Transcript{"DiscardAnswer", "Reset"}));
}

TEST(LoseResponseTest, HangsOrClosesInstead) {
  EXPECT_EQ(Lost("lose_response { how: LOSS_MODE_HANG }"), (Transcript{"DiscardAnswer", "Hang"}));
  EXPECT_EQ(Lost("lose_response { how: LOSS_MODE_HANG duration { seconds: 5 } }"),
            (Transcript{"DiscardAnswer", "Hang 5s"}));
  EXPECT_EQ(Lost("lose_response { how: LOSS_MODE_CLOSE }"),
            (Transcript{"DiscardAnswer", "Close"}));
}

TEST(LoseResponseTest, AnswersLikeAGateway) {
  const Transcript transcript = Lost("lose_response { how: LOSS_MODE_STATUS code: 504 }");
  ASSERT_EQ(transcript.size(), 2u);
  EXPECT_EQ(transcript[0], "DiscardAnswer");
  EXPECT_TRUE(transcript[1].starts_with("Respond 504 [Content-Type: text/html] <html>"));
  EXPECT_NE(transcript[1].find("504 Gateway Timeout"), std::string::npos);
  EXPECT_EQ(transcript[1].find("paid"), std::string::npos);
}

TEST(LoseResponseTest, StatesWhatItDid) {
  EXPECT_EQ(FaultScript("lose_response { }").Parameters(), R"({"how":"reset"})");
  EXPECT_EQ(FaultScript("lose_response { how: LOSS_MODE_STATUS }").Parameters(),
            R"({"how":"status","code":502})");
  EXPECT_TRUE(FaultScript("lose_response { }").fault().terminal());
}

}  // namespace
}  // namespace murphy::test
