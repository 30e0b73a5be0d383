// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

// Admits, and lets the daemon's hooks run: what the agent gets.
Transcript Call(FaultScript& script) {
  script.NextExchange();
  script.Admit();
  return script.Request();
}

TEST(RateLimitTest, WithoutALimitRefusesWhatItSelects) {
  FaultScript script("rate_limit { }");
  EXPECT_EQ(script.Admit(), Admission::kFire);
  EXPECT_EQ(script.Request(),
            (Transcript{"Respond 401 [retry-after: 1s] rate_limited for route.tool"}));
  EXPECT_EQ(
      script.Parameters(),
      R"({"retry_after_form":"seconds","per":"run","retry_after":"1s","refused_by":"every_request"})");
  script.now = absl::Seconds(30);
  EXPECT_EQ(Call(script),
            (Transcript{"Respond 401 [retry-after: 1s] rate_limited for route.tool"}));
  EXPECT_EQ(script.fault().stage(), Stage::kAdmission);
  EXPECT_TRUE(script.fault().terminal());
}

TEST(RateLimitTest, LetsThroughWhatFitsAndCountsDown) {
  FaultScript script("rate_limit { requests_per_minute: 2 }");
  EXPECT_EQ(script.Admit(), Admission::kDeclined);
  EXPECT_TRUE(script.Request().empty());
  EXPECT_EQ(script.Answer("x").actions, (Transcript{"EditHead [limit: requests 1/2 reset 30s]"}));
  script.NextExchange();
  EXPECT_EQ(script.Admit(), Admission::kDeclined);
  EXPECT_EQ(script.Answer("x").actions, (Transcript{"EditHead [limit: requests 0/2 reset 1m]"}));
}

TEST(RateLimitTest, RefusesWhatDoesNotFitAndStatesTheTrueWait) {
  FaultScript script("rate_limit { requests_per_minute: 2 }");
  Call(script);
  Call(script);
  EXPECT_EQ(Call(script), (Transcript{"Respond 401 [retry-after: 30s] [limit: requests 0/2 reset "
                                      "1m] rate_limited for route.tool"}));
}

TEST(RateLimitTest, RefusesEarlyReturnsAgainWithWhatIsLeftOfTheWait) {
  FaultScript script("rate_limit { requests_per_minute: 60 retry_after { seconds: 10 } }");
  for (int i = 0; i < 60; ++i) {
    EXPECT_TRUE(Call(script).empty());
  }
  ASSERT_EQ(Call(script).size(), 1u);
  script.now = absl::Seconds(4);  // the bucket has room again, but 10 s were stated
  const Transcript early = Call(script);
  ASSERT_EQ(early.size(), 1u);
  EXPECT_TRUE(early[0].starts_with("Respond 401 [retry-after: 6s]")) << early[0];
  EXPECT_NE(script.Parameters().find("early_return"), std::string::npos);
  script.now = absl::Seconds(10);
  EXPECT_TRUE(Call(script).empty());
}

TEST(RateLimitTest, AdmitsWhoWaitsExactlyAsTold) {
  FaultScript script("rate_limit { requests_per_minute: 7 }");
  for (int i = 0; i < 7; ++i) {
    Call(script);
  }
  for (int i = 0; i < 20; ++i) {
    script.NextExchange();
    ASSERT_EQ(script.Admit(), Admission::kFire);
    script.now += absl::Minutes(1) / 7 + absl::Nanoseconds(1);
    script.NextExchange();
    ASSERT_EQ(script.Admit(), Admission::kDeclined) << i;
  }
}

TEST(RateLimitTest, LimitsWhatIsInFlight) {
  FaultScript script("rate_limit { concurrent: 1 }");
  EXPECT_EQ(script.Admit(), Admission::kDeclined);
  script.NextExchange();
  EXPECT_EQ(script.Admit(), Admission::kFire);
  script.Settle(Admission::kFire);
  script.NextExchange();
  EXPECT_EQ(script.Admit(), Admission::kFire) << "a refused exchange gives nothing back";
  script.Settle(Admission::kDeclined);
  script.NextExchange();
  EXPECT_EQ(script.Admit(), Admission::kDeclined);
}

TEST(RateLimitTest, CountsTokensByEstimateAndCorrectsThem) {
  FaultScript script("rate_limit { tokens_per_minute: 1000 }");
  script.call.estimated_tokens = 100;
  EXPECT_TRUE(Call(script).empty());
  script.Settle(Admission::kDeclined, 950);
  const Transcript refused = Call(script);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0],
            "Respond 401 [retry-after: 3s] [limit: tokens 50/1000 reset 57s] rate_limited for "
            "route.tool");
  script.now = absl::Seconds(3);
  EXPECT_TRUE(Call(script).empty());
}

TEST(RateLimitTest, NeverAdmitsWhatIsLargerThanTheLimit) {
  FaultScript script("rate_limit { tokens_per_minute: 10 }");
  script.call.estimated_tokens = 11;
  EXPECT_EQ(script.Admit(), Admission::kFire);
  script.now = absl::Hours(1);
  EXPECT_EQ(script.Admit(), Admission::kFire);
}

TEST(RateLimitTest, KeepsNobodyOutForWhatNeverFits) {
  FaultScript script("rate_limit { tokens_per_minute: 50 }");
  script.call.estimated_tokens = 428;
  EXPECT_EQ(script.Admit(), Admission::kFire);
  script.NextExchange();
  script.call.estimated_tokens = 8;
  EXPECT_EQ(script.Admit(), Admission::kDeclined);
}

TEST(RateLimitTest, CountsEachAgentOrTargetForItself) {
  FaultScript agents("rate_limit { requests_per_minute: 1 per: LIMIT_SCOPE_AGENT }");
  EXPECT_TRUE(Call(agents).empty());
  agents.agent = "other";
  EXPECT_TRUE(Call(agents).empty());
  EXPECT_FALSE(Call(agents).empty());
  FaultScript targets("rate_limit { requests_per_minute: 1 per: LIMIT_SCOPE_TARGET }");
  EXPECT_TRUE(Call(targets).empty());
  targets.call.name = "route.other";
  EXPECT_TRUE(Call(targets).empty());
  FaultScript run("rate_limit { requests_per_minute: 1 }");
  EXPECT_TRUE(Call(run).empty());
  run.agent = "other";
  EXPECT_FALSE(Call(run).empty());
}

TEST(RateLimitTest, AddsNoHeadersWhereNothingIsCounted) {
  FaultScript script("rate_limit { concurrent: 5 }");
  script.Admit();
  EXPECT_TRUE(script.Answer("x").actions.empty());
}

TEST(RateLimitTest, LetsABurstThroughAndGivesBackByTheRate) {
  FaultScript script("rate_limit { requests_per_minute: 60 burst: 3 }");
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(Call(script).empty()) << n;
  EXPECT_EQ(Call(script),
            (Transcript{"Respond 401 [retry-after: 1s] [limit: requests 0/3 reset 3s] "
                        "rate_limited for route.tool"}));
  script.now = absl::Seconds(1);
  EXPECT_TRUE(Call(script).empty()) << "one is given back each second, not three each minute";
  EXPECT_FALSE(Call(script).empty());
}

TEST(RateLimitTest, CountsRequestsAndTokensOfADay) {
  FaultScript script("rate_limit { requests_per_day: 2 }");
  EXPECT_TRUE(Call(script).empty());
  EXPECT_TRUE(Call(script).empty());
  EXPECT_EQ(Call(script), (Transcript{"Respond 401 [retry-after: 12h] [limit: requests 0/2 reset "
                                      "24h] rate_limited for route.tool"}));
  EXPECT_NE(script.Parameters().find("requests_per_day"), std::string::npos);
  FaultScript tokens("rate_limit { requests_per_minute: 100 tokens_per_day: 15 }");
  tokens.call.estimated_tokens = 10;
  EXPECT_TRUE(Call(tokens).empty());
  EXPECT_FALSE(Call(tokens).empty()) << "it would be twenty";
  EXPECT_NE(tokens.Parameters().find("tokens_per_day"), std::string::npos);
}

}  // namespace
}  // namespace murphy::test
