// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/classify.h"

#include <gtest/gtest.h>

#include "daemon/outcome/history.h"
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

TEST(Classify, ACallThatWasNeverServedIsASilentFailureUntilSomebodyHasLooked) {
  Story story = Served();
  story.Call("charge");
  story.Refuse(503);
  story.evidence.exit_code = 0;
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_FAILED_SILENT);
  EXPECT_TRUE(outcome.unverified());
  EXPECT_EQ(outcome.unserved(), 1u);
  EXPECT_EQ(outcome.reason(),
            "exit code 0, though calls that rule-rate_limit broke were never served; nobody "
            "checked the result");
  story.Report(v1::TASK_STATE_CORRECT);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
}

TEST(Classify, WhatIsWrongWithoutMurphyIsNotTheAgentsFailure) {
  Story story;
  for (int i = 0; i < 3; ++i) {
    story.Call("openai");
    story.Miss();
    story.Inject("latency");
  }
  story.evidence.exit_code = 1;
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_EQ(outcome.reason(), "3 calls failed without Murphy: openai could not be resolved");
  ASSERT_EQ(outcome.troubles_size(), 1);
  EXPECT_EQ(outcome.troubles(0).exchanges_size(), 3);
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
}

TEST(Classify, ACheckerCannotSayThatAFaultWasWithstoodWhichMetOnlyCallsThatFailedAnyway) {
  Story story;
  story.Call("openai");
  story.Miss();
  story.Inject("latency");
  story.evidence.exit_code = 0;
  story.Report(v1::TASK_STATE_CORRECT);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_EQ(story.Outcome().reason(), "1 call failed without Murphy: openai could not be resolved");
  story.Call("search");
  story.Inject("latency");
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
  EXPECT_NE(story.Outcome().reason().find("; 1 call failed without Murphy: openai could not be"),
            std::string::npos);
}

TEST(Classify, ACheckerThatSaysNothingIsNoSuccess) {
  Story story = Served();
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
  story.evidence.report.emplace().set_reporter(v1::REPORTER_CHECKER);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_UNSPECIFIED);
}

TEST(Classify, AnAgentThatEndsBadlyThoughNothingWasBrokenIsHeldAgainstABaseline) {
  Story story;
  story.Call("search");
  story.Inject("latency").set_recovery(v1::RECOVERY_LAYER_ABSORBED);
  story.evidence.exit_code = 1;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_FAILED_LOUD);
  EXPECT_EQ(story.Outcome().reason(),
            "exit code 1, though every fault was absorbed; `--baseline` shows whether the agent "
            "does so by itself");
}

TEST(Classify, WhatMurphyBrokeFirstIsNotExcusedByLaterTrouble) {
  Story story;
  story.Call("charge");
  story.Refuse(503);
  story.Call("search");
  story.Miss();
  story.evidence.exit_code = 1;
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_FAILED_LOUD);
  EXPECT_EQ(outcome.reason(),
            "exit code 1; 1 call failed without Murphy: search could not be resolved");
}

TEST(Classify, AnAnswerThatSomethingIsNotThereIsNoTrouble) {
  Story story = Served();
  story.Call("search");
  story.Answer(404);
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
  EXPECT_EQ(story.Outcome().troubles_size(), 0);
}

TEST(Classify, TroubleThatARetryDealtWithIsNone) {
  Story story = Served();
  story.Call("search");
  story.Answer(500);
  story.Call("search", story.last_operation());
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
}

TEST(Classify, AnUpstreamThatKeptTheAgentWaitingExplainsABadEnd) {
  Story story;
  v1::Exchange& left = story.Call("charge");
  left.set_end(v1::END_STATE_AGENT_LEFT);
  left.set_upstream_status(0);
  left.mutable_duration()->set_seconds(2);
  v1::Injection& latency = story.Inject("latency");
  *latency.mutable_fire_time() = left.begin_time();
  story.evidence.exit_code = 1;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_EQ(story.Outcome().reason(),
            "1 call failed without Murphy: charge did not answer while the agent waited");
  latency.mutable_deliver_time()->set_seconds(left.begin_time().seconds() + 1);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_FAILED_LOUD)
      << "we kept it waiting as long";
  story.evidence.injections.clear();
  story.evidence.scenario.clear_rule();
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Outcome().troubles_size(), 0) << "it may not have wanted to wait";
}

TEST(Classify, ALookThatFindsItDoneDealsWithTrouble) {
  Story story = Served();
  story.Target("status", v1::TARGET_ROLE_VERIFY);
  story.Call("charge");
  story.Silence();
  story.Call("status");
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
}

TEST(Classify, AnAgentThatDiesBeforeAFaultHasFailedByItself) {
  Story story;
  story.evidence.scenario.add_rule();
  story.evidence.exit_code = 3;
  v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_INVALID);
  EXPECT_TRUE(outcome.failed_alone());
  EXPECT_EQ(outcome.reason(), "the agent failed by itself before its first call: exit code 3");
  story.Call("model");
  outcome = story.Outcome();
  EXPECT_EQ(outcome.reason(), "the agent failed by itself before a fault was delivered: exit code 3");
  story.evidence.exit_code = 0;
  EXPECT_FALSE(story.Outcome().failed_alone());
}

TEST(Classify, SuccessIsNotClaimedWhileADuplicateMayStand) {
  Story story = Served();
  story.Call("charge");
  story.Silence();
  story.Call("charge", story.last_operation());
  story.Report(v1::TASK_STATE_CORRECT);
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_UNSPECIFIED);
  EXPECT_EQ(outcome.effects(), 1u);
  EXPECT_EQ(outcome.unknown_effects(), 1u);
  EXPECT_EQ(outcome.reason(),
            "1 to 2 effects for 1 intent: whether exchange 3 had its effect is not known, since the "
            "upstream did not say; a call to a `verify` target that is answered 404, or a checker "
            "that reports `effects`, would settle it");
}

TEST(Classify, AsksWhetherWhatRanTwiceIsASideEffect) {
  Story story;
  story.Say("charge_card", "pay 5");
  story.Lose();
  story.Say("charge_card", "pay 5", 1);
  const v1::Outcome outcome = story.Outcome();
  ASSERT_EQ(outcome.hints_size(), 1);
  EXPECT_EQ(outcome.hints(0).text(),
            "POST /charge_card ran twice with the same arguments: is it a side effect?");
  EXPECT_EQ(outcome.hints(0).exchanges_size(), 2);
  story.Target("charge_card", v1::TARGET_ROLE_READ);
  EXPECT_EQ(story.Outcome().hints_size(), 0) << "it is said that it is none";
}

TEST(Classify, WhatTheAgentRepeatsByItselfIsNotAskedAbout) {
  Story story = Served();
  story.Say("search", "facts");
  story.Repeat("search", "facts");
  EXPECT_EQ(story.Outcome().hints_size(), 0);
}

TEST(Classify, SaysWhatDoesNotFitTogether) {
  Story story = Served();
  story.Report(v1::TASK_STATE_WRONG);
  story.evidence.report->set_reporter(v1::REPORTER_CHECKER);
  story.evidence.report->set_agent_task(v1::TASK_STATE_CORRECT);
  story.evidence.exit_code = 0;
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_FAILED_SILENT);
  EXPECT_EQ(outcome.contradiction(),
            "the agent says of itself that the task is correct, and the checker that the task is "
            "wrong");
}

TEST(Classify, FailingWithoutEndRunsAway) {
  Story story;
  story.Call("tool");
  story.Refuse(503);
  for (int i = 0; i < 200; ++i) {
    story.Call("tool", 1);
    story.Refuse(503);
  }
  story.evidence.exit_code = 1;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RUNAWAY);
  story.evidence.scenario.add_expect()->mutable_bounded_retries()->set_at_most(500);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_FAILED_LOUD) << "it may";
}

TEST(Classify, AskingWhetherSomethingIsThereYetIsNoLoop) {
  Story story = Served();
  for (int i = 0; i < 30; ++i) {
    story.Call("job", i == 0 ? 0 : story.last_operation()).set_method("GET");
    story.Answer(404);
  }
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
}

TEST(Classify, CostIsComparedWithRunsWithoutFaults) {
  Story story;
  story.Call("model").set_end(v1::END_STATE_BROKEN);
  story.Inject("cut_stream");
  story.Call("model", 1);
  story.Report(v1::TASK_STATE_CORRECT);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED) << "nobody can say";
  story.evidence.control.emplace().set_tokens(100);
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_RECOVERED_COSTLY);
  EXPECT_EQ(outcome.reason(),
            "the task is correct; it cost 200 tokens, 2.00 times the 100 of runs without faults; "
            "1.5 is allowed");
  story.evidence.scenario.mutable_verdict()->set_max_cost_factor(2.5);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
}

TEST(Classify, AnAnswerIsBilledAsOftenAsItWasAskedFor) {
  Story story;
  story.Call("model").set_upstream_requests(3);
  story.Inject("duplicate_request");
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.usage().input_tokens(), 240u);
  EXPECT_EQ(outcome.recovery_tokens(), 200u);
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

// It may be wrong, and it may lie.
TEST(Classify, AnAgentsOwnWordIsNoReportWhereSomethingSpeaksAgainstIt) {
  Story story = Served();
  story.evidence.scenario.add_expect()->mutable_no_silent_failure();
  story.evidence.scenario.add_expect()->mutable_completes();
  story.Report(v1::TASK_STATE_CORRECT);
  story.evidence.report->set_reporter(v1::REPORTER_AGENT);
  story.evidence.exit_code = 0;
  v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
  EXPECT_FALSE(outcome.unverified());

  story.Call("charge");
  story.Refuse(503);
  outcome = story.Outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_FAILED_SILENT) << outcome.reason();
  EXPECT_TRUE(outcome.unverified());
  EXPECT_FALSE(outcome.contradiction().empty());
  for (const v1::ExpectResult& result : outcome.expects())
    EXPECT_TRUE(result.vacuous() && !result.held()) << result.expect() << ": " << result.evidence();

  Story crashed = Served();
  crashed.Report(v1::TASK_STATE_CORRECT);
  crashed.evidence.report->set_reporter(v1::REPORTER_AGENT);
  crashed.evidence.exit_code = 1;
  EXPECT_EQ(crashed.Outcome().outcome_class(), v1::OUTCOME_CLASS_FAILED_LOUD);
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
  story.evidence.at = EndOf(story.evidence.exchanges.back()) + absl::Seconds(60);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_HUNG);
}

TEST(Classify, AnAgentThatWorksUntilItsTimeIsUpIsNotWithoutProgress) {
  Story story = Served();
  for (int i = 0; i < 10; ++i) story.Call("search");
  story.evidence.hung = true;
  story.evidence.at = EndOf(story.evidence.exchanges.back()) + absl::Milliseconds(400);
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.outcome_class(), v1::OUTCOME_CLASS_RUNAWAY);
  EXPECT_EQ(outcome.reason(),
            "the agent was still at work when its time was up: 12 calls, the last one 500ms "
            "before");
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
  EXPECT_EQ(outcome.recovery_tokens(), 0u) << "refusals cost nothing";
  EXPECT_EQ(outcome.recovery_calls(), 2u);
  EXPECT_EQ(outcome.recovery_time().seconds(), 3);
}

TEST(Classify, SharedRecoveryIsPaidOnce) {
  Story story;
  for (int i = 0; i < 2; ++i) {
    story.Call("model", i == 0 ? 0 : 1).set_end(v1::END_STATE_BROKEN);
    story.Inject("cut_stream");
  }
  story.Retry("model", 1);
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.recovery_tokens(), 200u) << "two that broke off; the third was wanted";
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
