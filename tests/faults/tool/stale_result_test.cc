// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

TEST(StaleResultTest, AnswersTheLatestEarlierResult) {
  FaultScript script("stale_result { }");
  script.history = {R"({"n":2})", R"({"n":1})"};
  EXPECT_EQ(script.Answer(R"({"n":3})").bytes, R"({"n":2})");
  EXPECT_TRUE(script.fault().needs().history);
}

TEST(StaleResultTest, AnswersAnOlderResult) {
  FaultScript script("stale_result { age: 2 }");
  script.history = {R"({"n":2})", R"({"n":1})"};
  EXPECT_EQ(script.Answer(R"({"n":3})").bytes, R"({"n":1})");
  EXPECT_EQ(script.Parameters(), R"({"age":2})");
}

TEST(StaleResultTest, CarriesTheIdOfThePresentCall) {
  FaultScript script("stale_result { }");
  script.call.rpc_id = R"("call-9")";
  script.history = {R"({"jsonrpc":"2.0","id":4,"structured":1})"};
  EXPECT_EQ(script.Answer(R"({"jsonrpc":"2.0","id":"call-9","structured":2})").bytes,
            R"({"jsonrpc":"2.0","id":"call-9","structured":1})");
}

TEST(StaleResultTest, DoesNothingWithoutAnEarlierResult) {
  FaultScript script("stale_result { age: 2 }");
  script.history = {R"({"n":2})"};
  EXPECT_EQ(script.Answer(R"({"n":3})").no_op, "there are only 1 earlier results of this tool");
}

TEST(StaleResultTest, DoesNothingWhenTheResultIsTheSame) {
  FaultScript script("stale_result { }");
  script.call.rpc_id = "2";
  script.history = {R"({"id":1,"n":3})"};
  EXPECT_EQ(script.Answer(R"({"id":2,"n":3})").no_op,
            "the earlier result is the same as the present one");
}

TEST(StaleResultTest, DoesNothingToAFailedCall) {
  FaultScript script("stale_result { }");
  script.history = {R"({"n":2})"};
  EXPECT_EQ(script.Answer("oops", 500).no_op,
            "the tool failed by itself, and an earlier success would hide it");
}

TEST(StaleResultTest, DoesNothingWhenTheFramingDiffers) {
  FaultScript script("stale_result { }");
  script.history = {R"({"n":2})"};
  EXPECT_EQ(script.Stream({Event(R"({"n":3})")}).no_op,
            "the earlier result came in another framing");
}

}  // namespace
}  // namespace murphy::test
