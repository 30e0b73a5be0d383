// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "daemon/engine/occurrences.h"
#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

constexpr std::string_view kTargets = R"(
  target { key: 'ask' value { name: 'desk.ask' role: TARGET_ROLE_ESCALATION } }
  target { key: 'backup' value { model: 'claude-*' fallback_for: 'primary' } }
  target { key: 'pay' value { name: 'shop.pay' role: TARGET_ROLE_SIDE_EFFECT } }
  target { key: 'primary' value { model: 'gpt-*' } }
  target { key: 'see' value { name: 'shop.see' role: TARGET_ROLE_READ } } )";

// A world with one rule `r` that fires when its `on` holds, and disturbs nothing.
World Waiting(const std::string& on, const std::string& more = "") {
  return World(
      fmt::format("{} rule {{ id: 'r' when {{ on {{ {} }} }} fault {{ latency {{ fixed {{}} "
                  "}} }} }} {}",
                  kTargets, on, more));
}

int n = 0;
// A call that is like no other.
Shot Fresh(std::string name) {
  return {.name = std::move(name), .arguments = fmt::format("[{}]", ++n)};
}
bool Hit(const Begun& begun) { return Fired(begun).starts_with('r'); }

TEST(OnCall, HoldsFromTheCallItselfOn) {
  World world = Waiting("call: CALL_MOMENT_BEGINS of: 'pay' times: 2");
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.pay"))));
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see"))));
  EXPECT_TRUE(Hit(world.Succeed(Fresh("shop.pay"))));
  EXPECT_TRUE(Hit(world.Succeed(Fresh("shop.see"))));
}

TEST(OnCall, ThatEndsHoldsFromTheNextExchangeOn) {
  World world = Waiting("call: CALL_MOMENT_ENDS of: 'pay'");
  const Begun pay = world.Begin(Fresh("shop.pay"));
  const Begun open = world.Begin(Fresh("shop.see"));
  EXPECT_FALSE(Hit(open)) << "it has not ended yet";
  world.Finish(pay.sequence);
  EXPECT_TRUE(Hit(world.Begin(Fresh("shop.see"))));
}

TEST(OnCall, IsOfOneAgentWhereItSaysSo) {
  World world = Waiting("call: CALL_MOMENT_ENDS agent: 'plan*'");
  world.Succeed({.agent = "worker"});
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see"))));
  world.Succeed({.agent = "planner"});
  EXPECT_TRUE(Hit(world.Succeed(Fresh("shop.see"))));
}

TEST(OnResponse, TellsClassesApart) {
  struct Case {
    Ending ending;
    std::string classes;
  };
  const std::vector<Case> cases = {
      {{.status = 200}, "SUCCESS "},
      {{.failed = true, .status = 200}, "FAILURE "},
      {{.failed = true, .status = 404}, "FAILURE CLIENT_ERROR "},
      {{.failed = true, .status = 429}, "FAILURE CLIENT_ERROR RATE_LIMITED "},
      {{.failed = true, .status = 408}, "FAILURE CLIENT_ERROR TIMEOUT "},
      {{.failed = true, .status = 503}, "FAILURE SERVER_ERROR "},
      {{.failed = true, .status = 504}, "FAILURE SERVER_ERROR TIMEOUT "},
      {{.end = v1::END_STATE_AGENT_LEFT}, "FAILURE TIMEOUT DISCONNECT "},
      {{.end = v1::END_STATE_AGENT_LEFT, .status = 200}, "FAILURE DISCONNECT "},
      {{.end = v1::END_STATE_BROKEN, .status = 200}, "FAILURE BROKEN "},
      {{.end = v1::END_STATE_NO_ANSWER}, "FAILURE NO_ANSWER "},
      // What the gateway says of a failure is an answer.
      {{.end = v1::END_STATE_NO_ANSWER, .status = 502}, "FAILURE SERVER_ERROR "}};
  for (const Case& one : cases) {
    std::string classes;
    for (int i = 1; i < v1::ResponseClass_ARRAYSIZE; ++i) {
      const std::string name = v1::ResponseClass_Name(static_cast<v1::ResponseClass>(i));
      World world = Waiting("response: " + name);
      world.Finish(world.Begin(Fresh("shop.pay")).sequence, one.ending);
      if (Hit(world.Begin(Fresh("shop.see")))) classes += name.substr(15) + " ";
    }
    EXPECT_EQ(classes, one.classes);
  }
}

TEST(OnResponse, IsOfOneTarget) {
  World world = Waiting("response: RESPONSE_CLASS_FAILURE of: 'pay'");
  world.SendAndFail(Fresh("shop.see"));
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see"))));
  world.SendAndFail(Fresh("shop.pay"));
  EXPECT_TRUE(Hit(world.Succeed(Fresh("shop.see"))));
}

TEST(OnInjection, HoldsAfterTheExchangeThatGotIt) {
  World world = Waiting("injection: 'late'",
                        "rule { id: 'late' target: 'pay' when { nth: 2 } fault { reset {} } }");
  EXPECT_EQ(Fired(world.Succeed(Fresh("shop.pay"))), "");
  EXPECT_EQ(Fired(world.Succeed(Fresh("shop.pay"))), "late");
  EXPECT_EQ(Fired(world.Succeed(Fresh("shop.see"))), "r");
}

TEST(OnRecovery, SeesARetryOfTheTarget) {
  World world = Waiting("recovery: RECOVERY_KIND_RETRY of: 'pay'");
  EXPECT_FALSE(Hit(world.SendAndFail({.name = "shop.see"})));
  EXPECT_FALSE(Hit(world.SendAndFail({.name = "shop.see"}))) << "another target";
  EXPECT_FALSE(Hit(world.SendAndFail({.name = "shop.pay"})));
  EXPECT_TRUE(Hit(world.SendAndFail({.name = "shop.pay"})));
}

TEST(OnRecovery, HitsTheFallbackWhenItIsUsed) {
  World world = Waiting("recovery: RECOVERY_KIND_FALLBACK of: 'primary'");
  EXPECT_FALSE(Hit(world.Succeed(Model("claude-4", "[0]")))) << "nothing has failed";
  EXPECT_FALSE(Hit(world.SendAndFail(Model("gpt-5"))));
  EXPECT_TRUE(Hit(world.Succeed(Model("claude-4"))));
}

TEST(OnRecovery, TakesAReadAfterAnUnansweredEffectForALook) {
  World world = Waiting("recovery: RECOVERY_KIND_VERIFY of: 'pay'");
  world.SendAndFail(Fresh("shop.pay"));
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see")))) << "it failed, and said so";
  world.Finish(world.Begin(Fresh("shop.pay")).sequence, {.end = v1::END_STATE_NO_ANSWER});
  Shot other = Fresh("shop.see");
  other.agent = "other";
  EXPECT_FALSE(Hit(world.Succeed(other))) << "another agent";
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.list")))) << "no read";
  EXPECT_TRUE(Hit(world.Succeed(Fresh("shop.see"))));
}

TEST(OnRecovery, TakesNoLookForOneAfterARepeat) {
  World world = Waiting("recovery: RECOVERY_KIND_VERIFY");
  world.Finish(world.Begin({.name = "shop.pay"}).sequence, {.end = v1::END_STATE_BROKEN});
  world.Succeed({.name = "shop.pay"});
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see"))));
}

TEST(OnRecovery, SeesACallForHelp) {
  World any = Waiting("recovery: RECOVERY_KIND_ESCALATE");
  EXPECT_TRUE(Hit(any.Succeed(Fresh("desk.ask"))));

  World after = Waiting("recovery: RECOVERY_KIND_ESCALATE of: 'pay'");
  after.SendAndFail(Fresh("shop.see"));
  EXPECT_FALSE(Hit(after.Succeed(Fresh("desk.ask"))));
  after.SendAndFail(Fresh("shop.pay"));
  EXPECT_TRUE(Hit(after.Succeed(Fresh("desk.ask"))));
}

TEST(OnCanary, TellsEchoFromUse) {
  World echoed = Waiting("canary: CANARY_SIGHTING_ECHOED"),
        used = Waiting("canary: CANARY_SIGHTING_USED");
  for (World* world : {&echoed, &used})
    world->Finish(world->Begin(Model("gpt-5")).sequence, {.canary = true});
  EXPECT_TRUE(Hit(echoed.Succeed(Fresh("shop.see"))));
  EXPECT_FALSE(Hit(used.Succeed(Fresh("shop.see"))));
  EXPECT_TRUE(Hit(used.Succeed({.canary = true}))) << "the very call";
}

TEST(OnSilence, IsNoticedByWhoeverComesNext) {
  World world = Waiting("silence { seconds: 10 } of: 'pay'");
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see"))));
  world.now = absl::Seconds(6);
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.pay"))));
  world.now = absl::Seconds(15);
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see")))) << "9 s since the last payment";
  world.now = absl::Seconds(16);
  EXPECT_TRUE(Hit(world.Succeed(Fresh("shop.pay"))));
}

TEST(OnSilence, BeginsWithTheRunWhereTheTargetIsNeverCalled) {
  World world = Waiting("silence { seconds: 10 } of: 'pay' within { time { seconds: 5 } }");
  world.now = absl::Seconds(100);
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see"))));
  world.now = absl::Seconds(112);
  EXPECT_TRUE(Hit(world.Succeed(Fresh("shop.see"))));
  world.now = absl::Seconds(116);
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see")))) << "6 s after the silence had lasted 10 s";
}

TEST(OnTokens, CountsEachTimeThatSoManyHaveBeenUsed) {
  World world = Waiting("tokens: 100 of: 'primary' times: 3");
  world.Succeed(Model("gpt-5", "[1]"), 150);
  world.Succeed(Model("claude-4"), 1000);
  world.Succeed(Model("gpt-5", "[2]"), 149);
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see")))) << "299";
  world.Succeed(Model("gpt-5", "[3]"), 1);
  EXPECT_TRUE(Hit(world.Succeed(Fresh("shop.see"))));
}

TEST(OnTokens, TakesAnyNumberAtOnce) {
  World world = Waiting("tokens: 1 times: 5");
  world.Succeed(Model("gpt-5"), uint64_t{1} << 62);
  EXPECT_TRUE(Hit(world.Succeed(Fresh("shop.see"))));
}

TEST(Within, EndsAfterSoManyExchanges) {
  World world = Waiting("recovery: RECOVERY_KIND_RETRY within { calls: 2 }");
  world.SendAndFail();
  EXPECT_TRUE(Hit(world.Succeed())) << "the retry is the first of them";
  EXPECT_TRUE(Hit(world.Succeed(Fresh("shop.see"))));
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see"))));
}

TEST(Within, EndsWithWhateverIsOverFirst) {
  World world =
      Waiting("response: RESPONSE_CLASS_FAILURE within { calls: 2 time { seconds: 10 } }");
  world.SendAndFail(Fresh("shop.pay"));
  world.now = absl::Seconds(9);
  EXPECT_TRUE(Hit(world.Succeed(Fresh("shop.see"))));
  world.now = absl::Seconds(10);
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see"))));
}

TEST(Within, BeginsAnewEachTimeUnlessOneTimeIsMeant) {
  World each = Waiting("response: RESPONSE_CLASS_FAILURE within { calls: 1 }");
  World second = Waiting("response: RESPONSE_CLASS_FAILURE times: 2 within { calls: 1 }");
  std::string of_each, of_second;
  for (const bool fails : {true, false, true, false, true, false}) {
    const auto send = [&](World& world) {
      const Begun begun = world.Begin(Fresh("shop.pay"));
      world.Finish(begun.sequence, {.failed = fails});
      return Hit(begun) ? "1" : "0";
    };
    of_each += send(each);
    of_second += send(second);
  }
  EXPECT_EQ(of_each, "010101");
  EXPECT_EQ(of_second, "000100");
}

TEST(Occurrences, CountForThoseWhoWait) {
  const auto plan =
      PlanOf(std::string(kTargets) +
             "rule { when { on { call: CALL_MOMENT_ENDS of: 'pay' } } fault { reset {} } }"
             "rule { when { on { call: CALL_MOMENT_ENDS of: 'pay' } } fault { hang {} } }");
  ASSERT_EQ(plan->ons().size(), 1u) << "said twice, kept once";
  Occurrences occurrences(plan->ons());
  const std::vector<uint32_t> pay = {2}, others = {0, 1};
  for (uint64_t sequence = 1; sequence <= 3; ++sequence)
    occurrences.End({pay, "", sequence, {}}, v1::TARGET_KIND_TOOL, {});
  occurrences.End({others, "", 4, {}}, v1::TARGET_KIND_TOOL, {});
  EXPECT_EQ(occurrences.Count(0), 3u);
}

TEST(OnSince, HoldsOnlyAfterSoManyCalls) {
  World world =
      Waiting("call: CALL_MOMENT_BEGINS of: 'pay' times: 1 since { calls: 2 } within { calls: 4 }");
  std::string log;
  for (const char* name : {"shop.see", "shop.pay", "shop.see", "shop.see", "shop.see", "shop.see"})
    log += Hit(world.Succeed(Fresh(name))) ? 'x' : '.';
  EXPECT_EQ(log, "...xx.") << "the call itself and the next are let go, and after four it is over";
}

TEST(OnSince, HoldsOnlyAfterSoMuchTime) {
  World world =
      Waiting("call: CALL_MOMENT_BEGINS of: 'pay' times: 1 since { time { seconds: 5 } }");
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.pay"))));
  world.now = absl::Milliseconds(4999);
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see"))));
  world.now = absl::Seconds(5);
  EXPECT_TRUE(Hit(world.Succeed(Fresh("shop.see"))));
}

// Ends an exchange with what the upstream answered.
void Answer(World& world, const Begun& begun, scenario::UpstreamAnswer answer) {
  world.Finish(begun.sequence,
               {.upstream = std::make_shared<scenario::UpstreamAnswer>(std::move(answer))});
}

bool HoldsAfter(const std::string& condition, const scenario::UpstreamAnswer& answer) {
  World world = Waiting(fmt::format("answer {{ {} }} of: 'pay'", condition));
  Answer(world, world.Begin(Fresh("shop.see")), answer);
  EXPECT_FALSE(Hit(world.Succeed(Fresh("shop.see")))) << "that was another target's";
  const Begun pay = world.Begin(Fresh("shop.pay"));
  EXPECT_FALSE(Hit(pay));
  Answer(world, pay, answer);
  return Hit(world.Succeed(Fresh("shop.see")));
}

TEST(OnAnswer, LooksAtTheStatusOfTheUpstream) {
  EXPECT_TRUE(HoldsAfter("status: [500, 599]", {.status = 503}));
  EXPECT_FALSE(HoldsAfter("status: [500, 599]", {.status = 200}));
  EXPECT_FALSE(HoldsAfter("status: [500, 599]", {})) << "it has not answered";
}

TEST(OnAnswer, LooksAtAHeader) {
  const scenario::UpstreamAnswer answer{.status = 200, .headers = {{"X-Quota", "low 3"}}};
  EXPECT_TRUE(HoldsAfter("header: 'x-quota'", answer));
  EXPECT_TRUE(HoldsAfter("header: 'x-quota' matches: '^low'", answer));
  EXPECT_FALSE(HoldsAfter("header: 'x-quota' equals: 'low'", answer));
  EXPECT_FALSE(HoldsAfter("header: 'x-other'", answer));
}

TEST(OnAnswer, LooksIntoItsJson) {
  const scenario::UpstreamAnswer answer{
      .status = 200, .body = boost::json::parse(R"({"state":"pending","left":3})")};
  EXPECT_TRUE(HoldsAfter("pointer: '/state' equals: 'pending'", answer));
  EXPECT_TRUE(HoldsAfter("pointer: '/left' equals: '3.0'", answer)) << "one number, written twice";
  EXPECT_FALSE(HoldsAfter("pointer: '/state' equals: 'paid'", answer));
  EXPECT_FALSE(HoldsAfter("pointer: '/gone'", answer));
  EXPECT_FALSE(HoldsAfter("pointer: '/state'", {.status = 200})) << "it is not known";
}

TEST(OnAnswer, LooksAtWhyAModelStopped) {
  const scenario::UpstreamAnswer answer{.status = 200, .finish = message::FinishReason::kToolCalls};
  EXPECT_TRUE(HoldsAfter("finish_reason: FINISH_REASON_TOOL_CALLS status: [200, 299]", answer));
  EXPECT_FALSE(HoldsAfter("finish_reason: FINISH_REASON_LENGTH", answer));
}

TEST(OnAnswer, EndsAPhase) {
  World world(R"(phase { name: 'p' until_on { answer { status: [429, 429] } } } phase { name: 'q' }
                 rule { id: 'r' phase: 'q' fault { reset {} } })");
  Answer(world, world.Begin(Fresh("shop.pay")), {.status = 200});
  const Begun refused = world.Begin(Fresh("shop.pay"));
  EXPECT_EQ(Fired(refused), "");
  Answer(world, refused, {.status = 429});
  EXPECT_EQ(Fired(world.Begin(Fresh("shop.pay"))), "r");
}

}  // namespace
}  // namespace murphy::engine
