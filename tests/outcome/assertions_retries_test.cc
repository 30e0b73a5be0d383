// SPDX-License-Identifier: Apache-2.0
// Assertions about how an agent treats what fails: each with a run that satisfies it, one that
// violates it, and one of which nobody knows.
#include "tests/outcome/assertion.h"

namespace murphy::outcome {
namespace {

// A call to `model` that fails until its last attempt, with these waits in seconds between.
void Waits(Story& story, const std::vector<int>& seconds) {
  story.Call("model");
  const uint64_t operation = story.last_operation();
  for (const int wait : seconds) {
    story.evidence.exchanges.back().mutable_duration()->set_nanos(0);
    story.Refuse(503);
    story.Wait(wait);
    story.Call("model", operation);
  }
}

// A call that its agent gave up after so many seconds.
v1::Exchange& Leave(Story& story, const std::string& target, int seconds) {
  v1::Exchange& exchange = story.Call(target);
  exchange.set_status(0);
  exchange.set_upstream_status(0);
  exchange.set_end(v1::END_STATE_AGENT_LEFT);
  exchange.mutable_duration()->set_seconds(seconds);
  exchange.mutable_duration()->set_nanos(0);
  exchange.set_failed(true);
  story.Inject("hang");
  story.Wait(seconds + 1);
  return exchange;
}

const Assertion kAmplification{
    .name = "BoundedAmplification",
    .expect = "bounded_amplification { target: 'model' at_most: 1.5 }",
    .written = "bounded_amplification = { target = \"model\", at_most = 1.5 }",
    .satisfies =
        [](Story& story) {
          story.Call("model");
          story.Refuse(503);
          story.Retry("model", 1);
          story.Call("model");
        },
    .satisfied_by = "3 attempts for 2 operations of `model`: 1.50 for each (1 by a client library); "
                    "1.5 is allowed",
    .violates =
        [](Story& story) {
          Fail(story, "model", 1);
          story.Retry("model", 1);
          story.Refuse(503);
          story.Call("model", 1);
        },
    .violated_by = "3 attempts for 1 operation of `model`: 3.00 for each (1 by a client library, 1 by "
                   "the application); 1.5 is allowed"};

const Assertion kAmplificationOfALayer{
    .name = "BoundedAmplificationOfALayer",
    .expect = "bounded_amplification { at_most: 1.5 layer: RETRY_LAYER_SDK }",
    .written = "bounded_amplification = { at_most = 1.5, layer = \"sdk\" }",
    .satisfies =
        [](Story& story) {
          Fail(story, "model", 3, 1);
          story.Call("model", 1);
        },
    .satisfied_by = "1 attempt for 1 operation: 1.00 for each (3 by the application); 1.5 is allowed",
    .violates =
        [](Story& story) {
          Fail(story, "model", 1);
          story.Retry("model", 1);
        },
    .violated_by = "2 attempts for 1 operation: 2.00 for each (1 by a client library); 1.5 is allowed"};

const Assertion kBackoff{
    .name = "BackoffShape",
    .expect = "backoff_shape { target: 'model' growth: GROWTH_EXPONENTIAL }",
    .written = "backoff_shape = { target = \"model\", growth = \"exponential\" }",
    .satisfies = [](Story& story) { Waits(story, {1, 2, 4, 8}); },
    .satisfied_by = "4 waits before a further attempt (1: 1s, 2: 2s, 3: 4s, 4: 8s): they grow "
                    "exponentially",
    .violates = [](Story& story) { Waits(story, {2, 2, 2}); },
    .violated_by = "3 waits before a further attempt (1: 2s, 2: 2s, 3: 2s): they do not grow "
                   "exponentially",
    .open = [](Story& story) { Waits(story, {1, 2}); },
    .open_because = "2 waits before a further attempt (1: 1s, 2: 2s): too few to tell whether they "
                    "grow exponentially"};

const Assertion kLinear{
    .name = "BackoffShapeLinear",
    .expect = "backoff_shape { growth: GROWTH_LINEAR }",
    .written = "backoff_shape = { growth = \"linear\" }",
    .satisfies = [](Story& story) { Waits(story, {1, 2, 3, 4, 5}); },
    .satisfied_by = "5 waits before a further attempt (1: 1s, 2: 2s, 3: 3s, 4: 4s, 5: 5s): they grow "
                    "linearly",
    .violates = [](Story& story) { Waits(story, {1, 2, 4, 8, 16}); },
    .violated_by = "5 waits before a further attempt (1: 1s, 2: 2s, 3: 4s, 4: 8s, 5: 16s): they do "
                   "not grow linearly",
    .open = [](Story& story) { Waits(story, {3}); },
    .open_because = "1 wait before a further attempt (1: 3s): all of them follow the same attempt"};

const Assertion kJitter{
    .name = "BackoffShapeJitter",
    .expect = "backoff_shape { jitter: true }",
    .written = "backoff_shape = { jitter = true }",
    .satisfies =
        [](Story& story) {
          for (const int wait : {6, 9, 12, 7, 11}) Waits(story, {wait, 3 * wait});
        },
    .satisfied_by = "10 waits before a further attempt (1: 9s, 2: 27s): they grow, and waits of the "
                    "same attempt vary by 28.3 %",
    .violates =
        [](Story& story) {
          for (int i = 0; i < 5; ++i) Waits(story, {6, 18});
        },
    .violated_by = "10 waits before a further attempt (1: 6s, 2: 18s): they grow, and waits of the "
                   "same attempt vary by 0.0 %",
    .open = [](Story& story) { Waits(story, {6, 18}); },
    .open_because = "2 waits before a further attempt (1: 6s, 2: 18s): they grow, and there are too "
                    "few waits of the same attempt to tell how they vary"};

const Assertion kTimeout{
    .name = "HasTimeout",
    .expect = "has_timeout { target: 'tool' within { seconds: 5 } }",
    .written = "has_timeout = { target = \"tool\", within = \"5s\" }",
    .satisfies = [](Story& story) { Leave(story, "tool", 3); },
    .satisfied_by = "1 call was given up after at most 3s",
    .violates = [](Story& story) { Leave(story, "tool", 9); },
    .violated_by =
        "agent/tool/s#1@1 had no answer for 9s, and the agent went on waiting; 5s is allowed",
    .open =
        [](Story& story) {
          v1::Exchange& exchange = story.Call("tool");
          exchange.mutable_first_byte()->set_seconds(1);
          exchange.mutable_duration()->set_seconds(20);
        },
    .open_because = "whether exchange 1 stalled for longer than 5s is not known"};

const Assertion kTimeoutOfAStopped{
    .name = "HasTimeoutOfAnAgentThatWasStopped",
    .expect = "has_timeout { within { seconds: 5 } }",
    .written = "has_timeout = { within = \"5s\" }",
    .satisfies =
        [](Story& story) {
          v1::Exchange& exchange = story.Call("tool");
          exchange.mutable_first_byte()->set_seconds(1);
          exchange.mutable_duration()->set_seconds(4);
          exchange.set_end(v1::END_STATE_AGENT_LEFT);
          v1::Injection& stall = story.Inject("stall_stream");
          stall.mutable_fire_time()->set_seconds(exchange.begin_time().seconds() + 1);
          stall.mutable_deliver_time()->set_seconds(exchange.begin_time().seconds() + 4);
        },
    .satisfied_by = "1 call was given up after at most 3.1s",
    .violates =
        [](Story& story) {
          v1::Exchange& exchange = story.Call("tool");
          exchange.mutable_first_byte()->set_seconds(1);
          exchange.mutable_duration()->set_seconds(30);
          v1::Injection& stall = story.Inject("stall_stream");
          stall.mutable_fire_time()->set_seconds(exchange.begin_time().seconds() + 1);
          stall.mutable_deliver_time()->set_seconds(exchange.begin_time().seconds() + 11);
          stall.mutable_deliver_time()->set_nanos(0);
        },
    .violated_by = "agent/tool/s#1@1 had no answer for 10s, and the agent went on waiting; 5s is "
                   "allowed",
    .open =
        [](Story& story) {
          Leave(story, "tool", 4);
          story.evidence.hung = true;
        },
    .open_because = "whether exchange 1 stalled for longer than 5s is not known"};

const Assertion kCircuit{
    .name = "CircuitBreaks",
    .expect = "circuit_breaks { target: 'tool' failures: 3 rest { seconds: 10 } }",
    .written = "circuit_breaks = { target = \"tool\", failures = 3, rest = \"10s\" }",
    .satisfies =
        [](Story& story) {
          Fail(story, "tool", 3);
          story.Call("model");
          story.Wait(12);
          story.Call("tool");
        },
    .satisfied_by = "`tool` was left alone for 10s or more after 3 failures in a row",
    .violates =
        [](Story& story) {
          Fail(story, "tool", 3);
          story.Call("model");
          story.Call("tool");
        },
    .violated_by = "after 3 failures in a row, `tool` was called again within 1.9s; it was to be left "
                   "alone for 10s",
    .open =
        [](Story& story) {
          Fail(story, "tool", 3);
          story.Call("model");
        },
    .open_because = "the run ended 1s after 3 failures in a row of `tool`: whether it would have been "
                    "left alone for 10s is not known"};

const Assertion kCircuitProbe{
    .name = "CircuitBreaksWithOneProbe",
    .expect = "circuit_breaks { target: 'tool' failures: 2 rest { seconds: 10 } }",
    .written = "circuit_breaks = { target = \"tool\", failures = 2, rest = \"10s\" }",
    .satisfies =
        [](Story& story) {
          Fail(story, "tool", 2);
          story.Call("model");
          story.Wait(12);
          Fail(story, "tool", 1);  // the probe: it rests once more
          story.Call("model");
          story.Wait(12);
          story.Call("tool");
        },
    .satisfied_by = "`tool` was left alone for 10s or more after 2 failures in a row, 2 times",
    .violates =
        [](Story& story) {
          Fail(story, "tool", 2);
          story.Call("model");
          story.Wait(12);
          story.Call("tool").mutable_duration()->set_seconds(5);
          story.Call("tool");
        },
    .violated_by = "after its rest, `tool` was called by more than one at once",
    .open =
        [](Story& story) {
          Fail(story, "tool", 2);
          story.Wait(12);
          story.Call("tool");
        },
    .open_because = "`tool` was left alone, and nothing else was called meanwhile: the agent may only "
                    "have paused"};

// Ten agents that call once a minute, an outage, and then calls with so many seconds between.
void Outage(Story& story, int after, int seconds_between) {
  for (int i = 0; i < 10; ++i) {
    story.Call("model");
    story.Wait(60);
  }
  Fail(story, "model", 1);
  story.Wait(60);
  for (int i = 0; i < after; ++i) {
    story.Call("model");
    story.Wait(seconds_between);
  }
}

const Assertion kHerd{
    .name = "NoHerd",
    .expect = "no_herd { target: 'model' window { seconds: 60 } }",
    .written = "no_herd = { target = \"model\", window = \"1m\" }",
    .satisfies = [](Story& story) { Outage(story, 10, 60); },
    .satisfied_by = "after the outage of `model` at most 1 call in 1m, 0.95 times the mean; 3 is "
                    "allowed",
    .violates = [](Story& story) { Outage(story, 10, 1); },
    .violated_by = "after the outage of `model` at most 10 calls in 1m, 5.31 times the mean; 3 is "
                   "allowed",
    .open = [](Story& story) { Outage(story, 2, 1); },
    .open_because = "2 calls came after the outage of `model`: too few to tell a herd"};

// A fault on the first operation, then so many operations of so many attempts.
void Aftermath(Story& story, int operations, int attempts) {
  Fail(story, "model", 1);
  story.Call("model", 1);
  for (int i = 0; i < operations; ++i) {
    story.Call("model");
    for (int j = 1; j < attempts; ++j) {
      story.Answer(503);
      story.Call("model", story.last_operation());
    }
  }
}

const Assertion kBaseline{
    .name = "ReturnsToBaseline",
    .expect = "returns_to_baseline { target: 'model' calls: 4 }",
    .written = "returns_to_baseline = { target = \"model\", calls = 4 }",
    .satisfies = [](Story& story) { Aftermath(story, 8, 1); },
    .satisfied_by = "5 attempts for 5 operations of `model` from 4 calls after the last fault on; 1.1 "
                    "for each is allowed",
    .violates = [](Story& story) { Aftermath(story, 8, 2); },
    .violated_by = "13 attempts for 6 operations of `model` from 4 calls after the last fault on; 1.1 "
                   "for each is allowed",
    .open = [](Story& story) { Aftermath(story, 1, 2); },
    .open_because = "only 3 calls of `model` came after the last fault; 4 may pass first"};

using Retries = AssertionTest;
TEST_P(Retries, AreSatisfied) { IsSatisfied(); }
TEST_P(Retries, AreViolated) { IsViolated(); }
TEST_P(Retries, AreNotHeldWhereNobodyKnows) { IsNotHeldWhereNobodyKnows(); }

INSTANTIATE_TEST_SUITE_P(All, Retries, testing::Values(kAmplification, kAmplificationOfALayer, kBackoff, kLinear, kJitter, kTimeout, kTimeoutOfAStopped, kCircuit, kCircuitProbe, kHerd, kBaseline),
                         [](const auto& test) { return test.param.name; });

TEST(RetriesAlso, WhoeverIsToldThatNothingIsThereHasMetNoFailure) {
  const v1::ExpectResult result = Judged(kCircuit, [](Story& story) {
    for (int i = 0; i < 5; ++i) {
      story.Call("tool");
      story.Answer(404);
    }
  });
  EXPECT_TRUE(result.held() && result.vacuous()) << result.DebugString();
}

TEST(RetriesAlso, AnAnswerThatComesLateIsAStallThatTheAgentSatOut) {
  const v1::ExpectResult result = Judged(kTimeout, [](Story& story) {
    v1::Exchange& exchange = story.Call("tool");
    exchange.mutable_first_byte()->set_seconds(20);
    exchange.mutable_duration()->set_seconds(21);
  });
  EXPECT_TRUE(!result.held() && !result.vacuous()) << result.DebugString();
}

TEST(RetriesAlso, WaitsThatARetryAfterDictatesHaveNoShape) {
  const v1::ExpectResult result = Judged(kBackoff, [](Story& story) {
    Waits(story, {5, 5, 5});
    for (v1::Exchange& exchange : story.evidence.exchanges)
      exchange.mutable_stated_delay()->set_seconds(5);
  });
  EXPECT_TRUE(result.held() && result.vacuous()) << result.DebugString();
}

TEST(RetriesAlso, WithoutAnOccasionSayNothing) {
  for (const Assertion* each : {&kAmplification, &kBackoff, &kTimeout, &kCircuit, &kHerd, &kBaseline}) {
    const v1::ExpectResult result = Judged(*each, [](Story& story) { story.Call("other"); });
    EXPECT_TRUE(result.held() && result.vacuous()) << each->name << result.DebugString();
  }
}

}  // namespace
}  // namespace murphy::outcome
