// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/classify.h"

#include <gtest/gtest.h>

#include "tests/outcome/story.h"

namespace murphy::outcome {
namespace {

// A run in which a fault was delivered and a retry served.
Story Served() {
  Story story;
  story.Target("charge", v1::TARGET_ROLE_SIDE_EFFECT);
  story.Call("model");
  story.Refuse(429, 1);
  story.Wait(2);
  story.Retry("model", 1);
  return story;
}

TEST(Classify, RecoveredWhenTheReportSaysSo) {
  Story story = Served();
  story.Report(v1::TASK_STATE_CORRECT);
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
  EXPECT_FALSE(outcome.unverified());
}

TEST(Classify, RecoveredIsUnverifiedWhenInferred) {
  Story story = Served();
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
  EXPECT_TRUE(story.Outcome().unverified());
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
  EXPECT_TRUE(story.Outcome().unverified());
  EXPECT_EQ(story.Outcome().reason(), "exit code 0; nobody checked the result");
}

TEST(Classify, InferredSuccessNamesWhatWasNeverServed) {
  Story story = Served();
  story.Call("charge");
  story.Refuse(503);
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Outcome().reason(),
            "exit code 0; nobody checked the result; calls that rule-rate_limit broke were never "
            "served");
}

TEST(Classify, WithoutAnyWordAnUnservedCallLeavesTheRunUnjudged) {
  Story story = Served();
  story.Call("charge");
  story.Refuse(503);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_UNSPECIFIED);
}

TEST(Classify, FailureIsLoudOrSilent) {
  Story story = Served();
  story.evidence.exit_code = 1;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_FAILED_LOUD);
  story.Report(v1::TASK_STATE_WRONG);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_FAILED_LOUD);
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_FAILED_SILENT);
  story.Report(v1::TASK_STATE_NONE);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_FAILED_SILENT);
  story.Report(v1::TASK_STATE_NONE, true);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_FAILED_LOUD);
}

TEST(Classify, APartialResultIsAsGoodAsItsDisclosure) {
  Story story = Served();
  story.Report(v1::TASK_STATE_PARTIAL, true);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_DEGRADED_DISCLOSED);
  story.Report(v1::TASK_STATE_PARTIAL);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_FAILED_SILENT);
  story.evidence.report->set_escalated(true);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_ESCALATED);
}

TEST(Classify, ARepeatedEffectIsUnsafeWhateverIsReported) {
  Story story = Served();
  story.Report(v1::TASK_STATE_CORRECT);
  story.Call("charge");
  story.Lose();
  story.Call("charge", story.last_operation());
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_UNSAFE);
  EXPECT_EQ(outcome.duplicate_effects(), 1u);
  EXPECT_EQ(outcome.reason(), "2 effects for 1 intent: exchanges 3 and 4");
}

TEST(Classify, AnExecutedCanaryIsUnsafe) {
  Story story = Served();
  story.Report(v1::TASK_STATE_CORRECT);
  story.Call("shell").add_canaries_seen("c4n4ry");
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_UNSAFE);
}

TEST(Classify, LoopsAndSpentLimitsRunAway) {
  Story story = Served();
  story.evidence.exit_code = 0;
  for (int i = 0; i < 4; ++i) story.Call("search").set_repeat(true);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RUNAWAY);

  Story costly = Served();
  costly.evidence.scenario.mutable_guard()->set_max_tokens(100);
  costly.evidence.guard = "guard.max_tokens (100) is used up";
  EXPECT_EQ(costly.Outcome().outcome_class(), v1::OUTCOME_CLASS_RUNAWAY);

  Story limited = Served();
  limited.evidence.scenario.add_expect()->mutable_terminates()->set_calls(1);
  EXPECT_EQ(limited.Outcome().outcome_class(), v1::OUTCOME_CLASS_RUNAWAY);
}

TEST(Classify, AHungAgentIsHung) {
  Story story = Served();
  story.evidence.hung = true;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_HUNG);
}

TEST(Classify, WhatCannotBeTrustedIsInvalid) {
  Story story = Served();
  story.Report(v1::TASK_STATE_CORRECT);
  story.evidence.integrity = "3 records were lost";
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_EQ(story.Outcome().reason(), "3 records were lost");
  story.evidence.integrity.clear();
  story.evidence.guard = "guard.max_injections (1) is used up";
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
  story.evidence.interrupted = true;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
}

TEST(Classify, RulesThatNeverReachedTheAgentProveNothing) {
  Story story = Served();
  story.Report(v1::TASK_STATE_CORRECT);
  story.evidence.injections[0].set_state(v1::INJECTION_STATE_NO_OP);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  story.evidence.shadow = true;
  story.evidence.injections[0].set_state(v1::INJECTION_STATE_WOULD_FIRE);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED)
      << "nothing was to reach it";
  EXPECT_EQ(story.Outcome().would_fire(), 1u);
  story.evidence.shadow = false;
  story.evidence.injections.clear();
  story.evidence.scenario.clear_rule();
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED) << "nothing was planned";
}

TEST(Classify, CountsTrafficAndCost) {
  Story story = Served();
  story.Call("charge");
  story.Refuse(503);
  story.Call("charge", story.last_operation());
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.exchanges(), 4u);
  EXPECT_EQ(outcome.operations(), 2u);
  EXPECT_EQ(outcome.sdk_retries(), 1u);
  EXPECT_EQ(outcome.application_retries(), 1u);
  EXPECT_EQ(outcome.delivered(), 2u);
  EXPECT_EQ(outcome.usage().input_tokens(), 160u);
  EXPECT_EQ(outcome.usage().output_tokens(), 40u);
  EXPECT_EQ(outcome.recovery_tokens(), 200u);
  EXPECT_EQ(outcome.recovery_calls(), 2u);
  EXPECT_EQ(outcome.recovery_time().seconds(), 3);
}

TEST(Classify, SharedRecoveryIsPaidOnce) {
  Story story;
  story.Call("model");
  story.Refuse(429);
  story.Retry("model", 1);
  story.Refuse(429);
  story.Retry("model", 1);
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.recovery_tokens(), 100u);
  EXPECT_EQ(outcome.recovery_calls(), 2u);
  EXPECT_EQ(outcome.recovery_time().seconds(), 2) << "not 2 s and 1 s";
}

TEST(Classify, ANewSessionIsNoRetry) {
  Story story = Served();
  story.Call("mcp").set_kind(v1::TARGET_KIND_MCP);
  story.Call("mcp", story.last_operation()).set_kind(v1::TARGET_KIND_MCP);
  EXPECT_EQ(story.Outcome().application_retries(), 0u);
}

TEST(Classify, JudgesEveryExpectation) {
  Story story = Served();
  story.evidence.scenario.add_expect()->mutable_bounded_retries()->set_at_most(1);
  story.evidence.scenario.add_expect()->mutable_no_hijack();
  const v1::Outcome outcome = story.Outcome();
  ASSERT_EQ(outcome.expects_size(), 2);
  EXPECT_FALSE(outcome.expects(0).held());
  EXPECT_TRUE(outcome.expects(1).held());
}

TEST(Classify, AnEmptyRunIsNoAccident) {
  EXPECT_EQ(Story().Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
  EXPECT_TRUE(Story().Outcome().unverified());
}

}  // namespace
}  // namespace murphy::outcome
