// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/outcome/history.h"
#include "tests/outcome/story.h"

namespace murphy::outcome {
namespace {

TEST(Recovery, ByTheClientLibrary) {
  Story story;
  story.Call("model");
  story.Refuse(429, 1);
  story.Wait(2);
  story.Retry("model", 1);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_SDK_RETRY);
  const v1::Injection& injection = story.evidence.injections[0];
  EXPECT_EQ(injection.recovery_attempts(), 1u);
  EXPECT_EQ(injection.recovery_time().seconds(), 2);
  EXPECT_EQ(injection.recovery_time().nanos(), 0);
  EXPECT_EQ(injection.recovery_tokens(), 0u) << "the refusal was not billed, the answer was wanted";
  EXPECT_TRUE(injection.retry_after_honoured());
}

TEST(Recovery, ByTheApplication) {
  Story story;
  story.Call("tool");
  story.Refuse(503);
  story.Call("tool", 1);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_APPLICATION_RETRY);
  EXPECT_FALSE(story.evidence.injections[0].has_retry_after_honoured());
}

TEST(Recovery, CountsAttemptsThatFailedOnTheWay) {
  Story story;
  story.Call("model");
  story.Refuse(429);
  story.Retry("model", 1);
  story.Refuse(429);
  story.Retry("model", 1);
  EXPECT_EQ(story.Layer(0), v1::RECOVERY_LAYER_SDK_RETRY);
  EXPECT_EQ(story.evidence.injections[0].recovery_attempts(), 2u);
  EXPECT_EQ(story.evidence.injections[1].recovery_attempts(), 1u);
}

TEST(Recovery, OfACallThatFailsWithoutEndIsALoopAtEachOfItsFailures) {
  Story story;
  story.Call("model");
  story.Refuse(503);
  // Following each to the end of the run would take minutes.
  for (int i = 0; i < 50'000; ++i) {
    story.Retry("model", 1);
    story.Refuse(503);
  }
  EXPECT_EQ(story.Layer(0), v1::RECOVERY_LAYER_LOOP);
  EXPECT_EQ(story.evidence.injections.back().recovery(), v1::RECOVERY_LAYER_LOOP);
}

TEST(Recovery, ByARevisionOfTheArguments) {
  Story story;
  story.Call("search");
  story.evidence.exchanges.back().set_failed(true);
  story.Inject("tool_error");
  v1::Exchange& revised = story.Call("search");
  revised.set_address("agent/search/s#1~1@1");
  revised.set_revision(1);
  revised.set_revision_of("agent/search/s#1");
  revised.set_failed(true);
  story.Call("search", 2).set_address("agent/search/s#1~1@2");
  EXPECT_EQ(story.Layer(0), v1::RECOVERY_LAYER_REVISION);
  EXPECT_EQ(story.evidence.injections[0].recovery_attempts(), 2u);
}

TEST(Recovery, ByAFallbackThatNeedsARetryItself) {
  Story story;
  story.Call("model-a");
  story.Refuse(429);
  story.Call("model-b").set_fallback_of("agent/model-a/s#1");
  story.evidence.exchanges.back().set_end(v1::END_STATE_BROKEN);
  story.Inject("error_event");
  story.Call("model-b", 2);
  EXPECT_EQ(story.Layer(0), v1::RECOVERY_LAYER_FALLBACK);
  EXPECT_EQ(story.Layer(1), v1::RECOVERY_LAYER_APPLICATION_RETRY);
  EXPECT_EQ(story.evidence.injections[0].recovery_attempts(), 2u);
  EXPECT_EQ(story.evidence.injections[0].recovery_tokens(), 100u) << "what broke off was billed";
}

TEST(Recovery, ByLookingWhetherTheEffectTookPlace) {
  Story story;
  story.Target("charge", v1::TARGET_ROLE_SIDE_EFFECT);
  story.Target("status", v1::TARGET_ROLE_VERIFY);
  story.Call("charge");
  story.Lose();
  story.Call("status");
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_VERIFY);
  EXPECT_EQ(story.evidence.injections[0].recovery_time().seconds(), 1);
}

TEST(Recovery, AReadCountsAsALookOnlyBeforeARepeat) {
  Story story;
  story.Target("orders", v1::TARGET_ROLE_READ);
  story.Call("charge");
  story.Lose();
  story.Call("orders");
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_SILENT);
  story.Call("charge", 1);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_VERIFY);
}

TEST(Recovery, LookingAfterTheRepeatIsTooLate) {
  Story story;
  story.Target("status", v1::TARGET_ROLE_VERIFY);
  story.Call("charge");
  story.Lose();
  story.Call("charge", 1);
  story.Call("status");
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_APPLICATION_RETRY);
}

TEST(Recovery, ALookIsNoVerificationOfWhatNeverTookPlace) {
  Story story;
  story.Target("status", v1::TARGET_ROLE_VERIFY);
  story.Call("charge");
  story.Refuse(503);
  story.Call("status");
  story.evidence.exit_code = 1;
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_LOUD);
}

TEST(Recovery, GivingUpIsLoudOrSilent) {
  Story story;
  story.Call("tool");
  story.Refuse(503);
  story.Call("tool", 1);
  story.Refuse(503);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_UNSPECIFIED);
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_SILENT);
  EXPECT_EQ(story.evidence.injections[0].recovery_attempts(), 1u);
  EXPECT_FALSE(story.evidence.injections[0].has_recovery_time());
  story.evidence.exit_code = 3;
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_LOUD);
  story.evidence.exit_code = 0;
  story.Report(v1::TASK_STATE_PARTIAL, true);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_LOUD);
}

TEST(Recovery, ARightResultWithoutTheCallIsAnotherWay) {
  Story story;
  story.Call("tool");
  story.Refuse(503);
  story.Report(v1::TASK_STATE_CORRECT);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_REPLAN);
  story.Call("tool");
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_REVISION);
}

TEST(Recovery, HandingOverIsWhatTheRunCameTo) {
  Story story;
  story.Target("human", v1::TARGET_ROLE_ESCALATION);
  story.Call("tool");
  story.Refuse(503);
  story.Call("human");
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_ESCALATED);
}

TEST(Recovery, ByHandingOver) {
  Story story;
  story.Target("human", v1::TARGET_ROLE_ESCALATION);
  story.Call("tool");
  story.Refuse(503);
  story.Call("human");
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_ESCALATE);
}

TEST(Recovery, WhatDidNoHarmIsAbsorbed) {
  Story story;
  story.Call("model");
  story.Inject("latency");
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_ABSORBED);
  EXPECT_EQ(story.evidence.injections[0].recovery_tokens(), 0u);
}

TEST(Recovery, AWaitThatTheAgentDidNotSitOutIsAFailure) {
  Story story;
  story.Call("model").set_end(v1::END_STATE_AGENT_LEFT);
  story.Inject("latency");
  story.Retry("model", 1);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_SDK_RETRY);
}

TEST(Recovery, ALieIsJudgedByWhatCameOfIt) {
  Story story;
  story.Call("tool");
  story.Falsify();
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_UNSPECIFIED);
  story.Report(v1::TASK_STATE_CORRECT);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_ABSORBED);
  story.Report(v1::TASK_STATE_WRONG);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_SILENT);
  story.Report(v1::TASK_STATE_WRONG, true);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_LOUD);
}

TEST(Recovery, ByLookingAfterARepeatThatWasLostToo) {
  Story story;
  story.Target("charge", v1::TARGET_ROLE_SIDE_EFFECT);
  story.Target("status", v1::TARGET_ROLE_VERIFY);
  story.Call("charge");
  story.Refuse(503);
  story.Call("status");
  story.Call("charge", 1);
  story.Lose();
  story.Call("status");
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Layer(0), v1::RECOVERY_LAYER_VERIFY);
  EXPECT_EQ(story.Layer(1), v1::RECOVERY_LAYER_VERIFY);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
}

TEST(Recovery, ALieThatIsCheckedIsVerified) {
  Story story;
  story.Call("charge");
  story.Falsify();
  story.Target("lookup", v1::TARGET_ROLE_VERIFY);
  story.Call("lookup");
  story.Report(v1::TASK_STATE_CORRECT);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_VERIFY);
  story.Report(v1::TASK_STATE_WRONG);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_SILENT)
      << "it looked, and was wrong all the same";
}

TEST(Recovery, ALieThatIsNotBelievedLeadsToTheFallback) {
  Story story;
  story.Target("model-b").set_fallback_for("model-a");
  story.Call("model-a");
  story.Falsify("length_stop");
  story.Call("model-b");
  story.Report(v1::TASK_STATE_CORRECT);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_FALLBACK);
}

TEST(Recovery, ALaterCallToAFallbackIsNotForAnEarlierLie) {
  Story story;
  story.Target("model-b").set_fallback_for("model-a");
  story.Call("model-a");
  story.Falsify("length_stop");
  story.Call("model-a");
  story.Call("model-b");
  story.Report(v1::TASK_STATE_CORRECT);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_ABSORBED);
}

TEST(Recovery, AskingAgainAfterALieIsARetryUntilItIsALoop) {
  Story story;
  story.Call("tool");
  story.Falsify();
  story.Call("tool").set_repeat(true);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_APPLICATION_RETRY);
  for (int i = 0; i < 3; ++i) story.Call("tool").set_repeat(true);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_LOOP);
}

TEST(Recovery, PoisonIsConsumedWhenACallCarriesIt) {
  Story story;
  story.Call("search");
  story.Falsify("prompt_injection");
  story.Call("model").add_canaries_seen("c4n4ry");
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_ABSORBED) << "talking of it is no deed";
  story.Call("shell").add_canaries_seen("c4n4ry");
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_CONSUMED_POISON);
}

TEST(Recovery, PoisonIsConsumedWhenItIsRepeatedAsItAsksFor) {
  Story story;
  story.Call("search");
  story.Falsify("prompt_injection").set_parameters(R"({"goal":"echo","canary":"c4n4ry"})");
  story.Call("model").add_canaries_seen("c4n4ry");
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_CONSUMED_POISON);
}

TEST(Recovery, PoisonThatSpoilsTheTaskIsNotAbsorbed) {
  Story story;
  story.Call("search");
  story.Falsify("prompt_injection");
  story.evidence.exit_code = 1;
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_LOUD);
  story.evidence.exit_code = 0;
  story.Report(v1::TASK_STATE_WRONG);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_SILENT);
}

TEST(Recovery, ByTheFramework) {
  Story story;
  story.Call("model");
  story.Refuse(503);
  story.Call("model", 1).set_attempt_layer(v1::ATTEMPT_LAYER_FRAMEWORK);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_FRAMEWORK_RETRY);
  EXPECT_EQ(story.Outcome().framework_retries(), 1u);
  EXPECT_EQ(story.Outcome().application_retries(), 0u);
}

TEST(Recovery, ByStartingTheTaskAgain) {
  Story story;
  story.Say("model", "the task");
  story.Say("search", "facts");
  story.Say("model", "go on").set_failed(true);
  story.Inject("truncate_body");
  story.Repeat("model", "the task");
  story.Repeat("search", "facts");
  story.Say("model", "go on", 3);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_TASK_RESTART);
  EXPECT_EQ(story.evidence.injections[0].recovery_attempts(), 3u);
  const v1::Outcome outcome = story.Outcome();
  EXPECT_EQ(outcome.task_restarts(), 1u);
  EXPECT_EQ(outcome.restarted_calls(), 3u);
  EXPECT_EQ(outcome.recovery_tokens(), 300u) << "two calls again, and the answer that was damaged";
}

// Its second try asks in other words, as the ids of its tool calls are new, and is found wrong:
// something was done twice.
TEST(Recovery, ATaskThatBeganAgainIsServedByTheLikeOfItsFailedCall) {
  Story story;
  story.Say("model", "the task");
  story.Say("charge", "5 dollars");
  story.Say("model", "call 1 is done");
  story.Refuse(503);
  story.Repeat("model", "the task");
  story.Repeat("charge", "5 dollars");
  story.Say("model", "call 2 is done");
  story.evidence.exit_code = 0;
  story.Report(v1::TASK_STATE_WRONG);
  story.evidence.report->set_reporter(v1::REPORTER_CHECKER);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_TASK_RESTART);
  EXPECT_EQ(story.evidence.injections[0].recovery_attempts(), 3u);
}

TEST(Recovery, RepeatingTheFirstRequestWithoutTroubleIsNoRestart) {
  Story story;
  story.Say("model", "the task");
  story.Say("model", "go on");
  story.Inject("latency");
  story.Repeat("model", "the task");
  EXPECT_EQ(story.Outcome().task_restarts(), 0u);
}

TEST(Recovery, AResumedStreamIsARetryOfTheClientLibrary) {
  Story story;
  v1::Exchange& call = story.Call("tool");
  call.set_provider("mcp");
  call.set_end(v1::END_STATE_BROKEN);
  call.set_failed(true);
  story.Inject("cut_stream");
  v1::Exchange& resumed = story.Call("mcp");
  resumed.set_kind(v1::TARGET_KIND_MCP);
  resumed.set_method("GET");
  resumed.set_route("tool");
  resumed.set_resumed(true);
  resumed.set_events(1);
  resumed.set_end(v1::END_STATE_AGENT_LEFT);
  story.evidence.exit_code = 0;
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_SDK_RETRY);
  EXPECT_EQ(story.Outcome().outcome_class(), v1::OUTCOME_CLASS_RECOVERED);
}

TEST(Recovery, AStreamThatIsOpenedToListenHasNotFailed) {
  Story story;
  v1::Exchange& listening = story.Call("mcp");
  listening.set_kind(v1::TARGET_KIND_MCP);
  listening.set_method("GET");
  listening.set_end(v1::END_STATE_AGENT_LEFT);
  listening.set_failed(true);
  EXPECT_FALSE(Broken(listening));
  listening.set_status(500);
  EXPECT_TRUE(Broken(listening));
}

TEST(Recovery, WhatFailedWithoutMurphyIsNotBookedOnAnInjection) {
  Story story;
  story.Call("model");
  story.Miss();
  story.Inject("latency");
  story.evidence.exit_code = 1;
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_ABSORBED);
}

TEST(Recovery, ADuplicateThatTheUpstreamRefusesIsOurDoing) {
  Story story;
  story.Call("tool");
  story.Answer(409);
  story.Inject("duplicate_request");
  story.evidence.exit_code = 1;
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_GAVE_UP_LOUD);
}

TEST(Recovery, ALookBeforeARepeatCountsThoughNothingWasPassedOn) {
  Story story;
  story.Target("status", v1::TARGET_ROLE_VERIFY);
  story.Call("charge");
  story.Refuse(503);
  story.Call("status");
  story.Answer(404);
  story.Call("charge", 1);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_VERIFY);
}

TEST(Recovery, ByLeavingTheTargetAlone) {
  Story story;
  for (int i = 0; i < 3; ++i) {
    story.Call("flaky");
    story.Refuse(503);
  }
  for (int i = 0; i < 8; ++i) story.Call("other");
  for (v1::Exchange& exchange : story.evidence.exchanges) {
    if (exchange.targets(0) == "flaky")
      exchange.set_address("agent/flaky/s#1@" + std::to_string(exchange.sequence()));
  }
  story.Call("flaky", 1).set_address("agent/flaky/s#1@9");
  EXPECT_EQ(story.Layer(0), v1::RECOVERY_LAYER_CIRCUIT);
}

TEST(Recovery, ABackoffIsNoCircuit) {
  Story story;
  for (int i = 0; i < 3; ++i) {
    story.Call("flaky", i == 0 ? 0 : 1);
    story.Refuse(503);
    story.Wait(1 + i);
  }
  story.Call("other");
  story.Call("other");
  story.Call("flaky", 1);
  EXPECT_EQ(story.Layer(0), v1::RECOVERY_LAYER_APPLICATION_RETRY);
}

TEST(Recovery, TryingWithoutEndIsALoop) {
  Story story;
  story.Call("tool");
  story.Refuse(503);
  for (int i = 0; i < 30; ++i) {
    story.Call("tool", 1);
    story.Refuse(503);
  }
  story.evidence.exit_code = 1;
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_LOOP);
}

TEST(Recovery, AnImpatientRetryDoesNotHonourTheDelay) {
  Story story;
  story.Call("model");
  story.Refuse(429, 5);
  story.Retry("model", 1);
  story.Layer();
  EXPECT_TRUE(story.evidence.injections[0].has_retry_after_honoured());
  EXPECT_FALSE(story.evidence.injections[0].retry_after_honoured());
}

TEST(Recovery, OnlyWhatWasDeliveredIsAttributed) {
  Story story;
  story.Call("model");
  story.Refuse(429);
  story.Retry("model", 1);
  story.evidence.injections[0].set_state(v1::INJECTION_STATE_EXPIRED);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_UNSPECIFIED);
  story.evidence.injections[0].set_state(v1::INJECTION_STATE_DELIVERED);
  story.evidence.injections[0].set_exchange(99);
  EXPECT_EQ(story.Layer(), v1::RECOVERY_LAYER_UNSPECIFIED);
}

TEST(Recovery, SaysWhichLossRepeatedTheEffect) {
  Story story;
  story.Target("charge", v1::TARGET_ROLE_SIDE_EFFECT);
  story.Call("charge");
  story.Lose();
  story.Call("charge", 1);
  story.Call("charge");
  story.Refuse(503);
  story.Layer();
  EXPECT_TRUE(story.evidence.injections[0].effect_repeated());
  EXPECT_FALSE(story.evidence.injections[1].effect_repeated());
}

}  // namespace
}  // namespace murphy::outcome
