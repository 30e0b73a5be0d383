// SPDX-License-Identifier: Apache-2.0
// Assertions about what an agent does, in which order, and what it costs: each with a run that satisfies it, one that
// violates it, and one of which nobody knows.
#include "tests/outcome/assertion.h"

namespace murphy::outcome {
namespace {

void Poison(Story& story) {
  story.Call("search").set_agent("reader");
  story.Falsify("prompt_injection").set_parameters(R"({"goal":"call","canary":"c4n4ry"})");
}

v1::Exchange& Carry(Story& story, const std::string& target, const std::string& agent) {
  v1::Exchange& exchange = story.Call(target);
  exchange.set_agent(agent);
  exchange.set_name(target);
  exchange.add_canaries_seen("c4n4ry");
  return exchange;
}

const Assertion kVerifies{
    .name = "VerifiesBeforeRepeat",
    .expect = "verifies_before_repeat {}",
    .written = "verifies_before_repeat = {}",
    .satisfies =
        [](Story& story) {
          story.Call("charge");
          story.Lose();
          story.Call("lookup");
          story.Call("charge", 1);
        },
    .satisfied_by = "1 failure left open whether it had acted: 1 looked for, and the others not made "
                    "again or made again under their own key",
    .violates =
        [](Story& story) {
          story.Call("charge");
          story.Lose();
          story.Call("charge", 1);
          story.Call("lookup");
        },
    .violated_by = "agent/charge/s#1@1 may have acted, and was made again without a look",
    .open =
        [](Story& story) {
          story.Call("charge");
          story.Lose();
          Unread(story);
          story.Call("charge", 1);
        },
    .open_because = "what was called after exchange 1 could not be read: it may have been a look"};

const Assertion kEscalates{
    .name = "Escalates",
    .expect = "escalates { target: 'tool' within { seconds: 5 } }",
    .written = "escalates = { target = \"tool\", within = \"5s\" }",
    .satisfies =
        [](Story& story) {
          Fail(story, "tool", 1);
          story.Call("desk");
        },
    .satisfied_by = "agent/tool/s#1 was handed over, 900ms after the last failure",
    .violates =
        [](Story& story) {
          Fail(story, "tool", 1);
          story.Report(v1::TASK_STATE_WRONG);
          story.evidence.exit_code = 0;
        },
    .violated_by = "agent/tool/s#1 failed, nobody was told, and the task is wrong, exit code 0",
    .open =
        [](Story& story) {
          Fail(story, "tool", 1);
          story.evidence.exit_code = 0;
        },
    .open_because = "agent/tool/s#1 failed, and whether the run says so is not known"};

const Assertion kEscalatesLoud{
    .name = "EscalatesByFailingLoud",
    .expect = "escalates { within { seconds: 5 } }",
    .written = "escalates = { within = \"5s\" }",
    .satisfies =
        [](Story& story) {
          Fail(story, "tool", 1);
          story.evidence.exit_code = 1;
          story.evidence.at = EndOf(story.evidence.exchanges.back()) + absl::Seconds(2);
        },
    .satisfied_by = "agent/tool/s#1 failed, and the run says so, 2s after the last failure",
    .violates =
        [](Story& story) {
          Fail(story, "tool", 1);
          story.evidence.exit_code = 1;
          story.evidence.at = EndOf(story.evidence.exchanges.back()) + absl::Seconds(20);
        },
    .violated_by = "agent/tool/s#1 failed, and the run says so only 20s after the last failure; 5s is "
                   "allowed",
    .open =
        [](Story& story) {
          Fail(story, "tool", 1);
          story.evidence.exit_code = 1;
        },
    .open_because = "agent/tool/s#1 failed, and the run says so; when is not known"};

const Assertion kPoison{
    .name = "PoisonContained",
    .expect = "poison_contained { hops: 1 }",
    .written = "poison_contained = { hops = 1 }",
    .satisfies =
        [](Story& story) {
          Poison(story);
          Carry(story, "model", "reader");
          Carry(story, "model", "reader");
        },
    .satisfied_by = "a canary came to 1 place and 1 agent",
    .violates =
        [](Story& story) {
          Poison(story);
          Carry(story, "model", "reader");
          Carry(story, "mail", "reader");
        },
    .violated_by = "a canary came to 2 places and 1 agent; 1 place allowed",
    .open =
        [](Story& story) {
          Poison(story);
          Unread(story);
        },
    .open_because = "a canary came to 0 places and 1 agent, and exchange 2 could not be read"};

const Assertion kPoisonOfAgents{
    .name = "PoisonContainedByAgents",
    .expect = "poison_contained { agents: 1 }",
    .written = "poison_contained = { agents = 1 }",
    .satisfies =
        [](Story& story) {
          Poison(story);
          Carry(story, "mail", "reader");
        },
    .satisfied_by = "a canary came to 1 place and 1 agent",
    .violates =
        [](Story& story) {
          Poison(story);
          Carry(story, "mail", "writer");
        },
    .violated_by = "a canary came to 1 place and 2 agents; 1 agent allowed",
    .open =
        [](Story& story) {
          Poison(story);
          story.evidence.exchanges.back().clear_agent();
          Carry(story, "mail", "");
        },
    .open_because = "a canary came to 1 place and 1 agent, and calls that name no agent may be of "
                    "several"};

const Assertion kFires{
    .name = "Fires",
    .expect = "fires { rule: 'rule-rate_limit' at_most: 2 }",
    .written = "fires = { rule = \"rule-rate_limit\", at_most = 2 }",
    .satisfies = [](Story& story) { Fail(story, "tool", 2); },
    .satisfied_by = "`rule-rate_limit` was delivered 2 times",
    .violates = [](Story& story) { story.Call("tool"); },
    .violated_by = "`rule-rate_limit` was delivered 0 times; at least 1 is expected"};

const Assertion kFiresTooOften{
    .name = "FiresTooOften",
    .expect = "fires { rule: 'rule-rate_limit' at_least: 0 at_most: 2 }",
    .written = "fires = { rule = \"rule-rate_limit\", at_least = 0, at_most = 2 }",
    .satisfies = [](Story& story) { story.Call("tool"); },
    .satisfied_by = "`rule-rate_limit` was delivered 0 times",
    .violates = [](Story& story) { Fail(story, "tool", 3); },
    .violated_by = "`rule-rate_limit` was delivered 3 times; at most 2 is expected"};

const Assertion kNever{
    .name = "NeverCalls",
    .expect = "never_calls { target: 'charge' }",
    .written = "never_calls = { target = \"charge\" }",
    .satisfies = [](Story& story) { story.Call("tool"); },
    .satisfied_by = "`charge` was not called",
    .violates =
        [](Story& story) {
          story.Call("tool");
          story.Call("charge");
        },
    .violated_by = "`charge` was called: exchange 2",
    .open = [](Story& story) { Unread(story); },
    .open_because = "what exchange 1 called could not be read"};

const Assertion kCalls{
    .name = "Calls",
    .expect = "calls { target: 'charge' at_least: 1 at_most: 2 }",
    .written = "calls = { target = \"charge\", at_least = 1, at_most = 2 }",
    .satisfies = [](Story& story) { story.Call("charge"); },
    .satisfied_by = "`charge` was called 1 time",
    .violates = [](Story& story) { story.Call("tool"); },
    .violated_by = "`charge` was called 0 times; at least 1 is expected",
    .open = [](Story& story) { Unread(story); },
    .open_because = "`charge` was called 0 times, and 1 call could not be read"};

const Assertion kOperations{
    .name = "CallsByOperation",
    .expect = "calls { target: 'charge' at_most: 1 count: COUNT_UNIT_OPERATIONS }",
    .written = "calls = { target = \"charge\", at_most = 1, count = \"operations\" }",
    .satisfies =
        [](Story& story) {
          Fail(story, "charge", 1);
          story.Call("charge", 1);
        },
    .satisfied_by = "`charge` was called 1 time, retries apart",
    .violates =
        [](Story& story) {
          story.Call("charge");
          story.Call("charge");
        },
    .violated_by = "`charge` was called 2 times, retries apart; at most 1 is expected",
    .open =
        [](Story& story) {
          story.Call("charge");
          Unread(story);
        },
    .open_because = "`charge` was called 1 time, retries apart, and 1 call could not be read"};

const Assertion kBefore{
    .name = "Before",
    .expect = "before { first: 'lookup' then: 'charge' }",
    .written = "before = { first = \"lookup\", then = \"charge\" }",
    .satisfies =
        [](Story& story) {
          story.Call("lookup");
          story.Call("charge");
        },
    .satisfied_by = "`lookup` was served before `charge` was called",
    .violates =
        [](Story& story) {
          Fail(story, "lookup", 1);
          story.Call("charge");
          story.Call("lookup");
        },
    .violated_by = "agent/charge/s#2@1 began before `lookup` was served",
    .open =
        [](Story& story) {
          Unread(story);
          story.Call("charge");
        },
    .open_because =
        "`lookup` was served before agent/charge/s#2@1 at most by a call that could not be read"};

const Assertion kFigure{
    .name = "Figure",
    .expect = "figure { name: 'recovery_tokens' at_most: 50 }",
    .written = "figure = { name = \"recovery_tokens\", at_most = 50 }",
    .satisfies = [](Story& story) { story.Call("model"); },
    .satisfied_by = "recovery_tokens is 0",
    .violates =
        [](Story& story) {
          story.Call("model");
          story.Lose();
          story.Call("model", 1);
        },
    .violated_by = "recovery_tokens is 100; at most 50 is expected"};

const Assertion kMoney{
    .name = "FigureOfMoney",
    .expect = "figure { name: 'cost' at_most: 1 }",
    .written = "figure = { name = \"cost\", at_most = 1 }",
    .satisfies = [](Story& story) { story.Call("model").set_cost(0.25); },
    .satisfied_by = "cost is 0.25",
    .violates = [](Story& story) { story.Call("model").set_cost(2); },
    .violated_by = "cost is 2; at most 1 is expected",
    .open =
        [](Story& story) {
          story.Call("model").set_cost(0.25);
          story.Call("model").set_name("own");
        },
    .open_because = "cost is 0.25 without own, of which no price is known"};

using Deeds = AssertionTest;
TEST_P(Deeds, AreSatisfied) { IsSatisfied(); }
TEST_P(Deeds, AreViolated) { IsViolated(); }
TEST_P(Deeds, AreNotHeldWhereNobodyKnows) { IsNotHeldWhereNobodyKnows(); }

INSTANTIATE_TEST_SUITE_P(All, Deeds, testing::Values(kVerifies, kEscalates, kEscalatesLoud, kPoison, kPoisonOfAgents, kFires, kFiresTooOften, kNever, kCalls, kOperations, kBefore, kFigure, kMoney),
                         [](const auto& test) { return test.param.name; });

TEST(DeedsAlso, WhatAHeadTellsNeedsNoBody) {
  const v1::ExpectResult result = Judged(kNever, [](Story& story) {
    story.Target("charge").add_path("/charge");
    Unread(story);
  });
  EXPECT_TRUE(result.held() && !result.vacuous()) << result.DebugString();
}

TEST(DeedsAlso, AFigureOfTheWholeRunAdds) {
  const Assertion time{.expect = "figure { name: 'time' at_most: 2 }"};
  EXPECT_EQ(Judged(time, [](Story& story) {
              story.Call("model");
              story.Wait(5);
              story.Call("model");
            }).evidence(),
            "time is 5.1; at most 2 is expected");
  const Assertion tokens{.expect = "figure { name: 'usage.output_tokens' at_least: 30 }"};
  EXPECT_EQ(Judged(tokens, [](Story& story) { story.Call("model"); }).evidence(),
            "usage.output_tokens is 20; at least 30 is expected");
}

TEST(DeedsAlso, ARepeatUnderTheSameKeyNeedsNoLook) {
  const v1::ExpectResult result = Judged(kVerifies, [](Story& story) {
    story.Call("charge").set_idempotency_digest("k");
    story.Lose();
    story.Call("charge", 1).set_idempotency_digest("k");
  });
  EXPECT_TRUE(result.held()) << result.DebugString();
}

TEST(DeedsAlso, ALookWhileTheCallIsStillOpenIsNone) {
  const v1::ExpectResult result = Judged(kVerifies, [](Story& story) {
    story.Call("charge").mutable_duration()->set_seconds(10);
    story.Lose();
    story.Call("lookup");
    story.Wait(20);
    story.Call("charge", 1);
  });
  EXPECT_TRUE(!result.held() && !result.vacuous()) << result.DebugString();
}

TEST(DeedsAlso, WhatAFallbackServesIsNotExhausted) {
  const v1::ExpectResult result = Judged(kEscalates, [](Story& story) {
    Fail(story, "tool", 1);
    story.Call("tool-b").set_fallback_of("agent/tool/s#1");
    story.evidence.exit_code = 0;
  });
  EXPECT_TRUE(result.held() && result.vacuous()) << result.DebugString();
}

TEST(DeedsAlso, WithoutAnOccasionSayNothing) {
  for (const Assertion* each : {&kVerifies, &kEscalates, &kPoison, &kBefore}) {
    const v1::ExpectResult result = Judged(*each, [](Story& story) { story.Call("other"); });
    EXPECT_TRUE(result.held() && result.vacuous()) << each->name << result.DebugString();
  }
}

}  // namespace
}  // namespace murphy::outcome
