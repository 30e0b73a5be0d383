// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

TEST(StatusTest, AnswersInsteadOfTheUpstream) {
  FaultScript script(
      R"(status { code: 418 body: "short and stout" headers { key: "X-B" value: "2" } headers { key: "X-A" value: "1" } })");
  EXPECT_EQ(script.Request(), (Transcript{"Respond 418 [Content-Type: text/plain; charset=utf-8] "
                                          "[X-A: 1] [X-B: 2] short and stout"}));
  EXPECT_TRUE(script.Answer("x").actions.empty());
  EXPECT_TRUE(script.fault().terminal());
}

TEST(StatusTest, ReplacesTheAnswerAfterTheUpstreamHasActed) {
  FaultScript script("status { code: 503 after_commit: true }");
  EXPECT_TRUE(script.Request().empty());
  EXPECT_EQ(script.Answer("x").actions, (Transcript{"DiscardAnswer", "Respond 503 "}));
  EXPECT_EQ(script.fault().stage(), Stage::kPostCommit);
}

TEST(StatusTest, AHeaderOfTheUsersOwnWins) {
  FaultScript script(
      R"(status { code: 200 body: "{}" headers { key: "content-type" value: "application/json" } })");
  EXPECT_EQ(script.Request(), (Transcript{"Respond 200 [Content-Type: application/json] {}"}));
}

TEST(StatusTest, SendsNoBodyWhereTheStatusHasNone) {
  EXPECT_EQ(FaultScript(R"(status { code: 204 body: "x" })").Request(),
            (Transcript{"Respond 204 "}));
}

TEST(StatusTest, AHeaderCannotEndTheHead) {
  FaultScript script(
      R"(status { code: 200 headers { key: "X-A" value: "1\r\nX-B: 2" } headers { key: "\r\n" value: "x" } })");
  EXPECT_EQ(script.Request(), (Transcript{"Respond 200 [X-A: 1X-B: 2] "}));
}

}  // namespace
}  // namespace murphy::test
