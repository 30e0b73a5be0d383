// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

Shot Call(const std::string& name, int n) {
  return {.name = name, .arguments = fmt::format("[{}]", n)};
}

int Count(World& world, const std::string& name, int calls) {
  int fired = 0;
  for (int n = 0; n < calls; ++n) fired += Fired(world.Succeed(Call(name, n))).empty() ? 0 : 1;
  return fired;
}

std::vector<Mistake> MistakesOf(std::string_view text) {
  std::vector<Mistake> mistakes;
  Plan::Compile(Scenario(text), 1, mistakes);
  return mistakes;
}

TEST(MaxPerTarget, CountsEachTargetByItself) {
  World world(
      "target { key: 'pay' value { name: 'shop.pay' } } target { key: 'ask' value { name: "
      "'shop.ask' } } guard { max_per_target: 3 } rule { id: 'p' target: 'pay' fault { reset {} } }"
      "rule { id: 'a' target: 'ask' fault { reset {} } }");
  EXPECT_EQ(Count(world, "shop.pay", 10), 3);
  EXPECT_EQ(Count(world, "shop.ask", 2), 2);
  EXPECT_EQ(world.decider().disarm_reason(), "");
}

TEST(MaxCost, DisarmsWhenTheMoneyIsSpent) {
  World world("guard { max_cost: 0.5 } rule { id: 'r' fault { latency { fixed {} } } }");
  world.Finish(world.Begin(Call("shop.pay", 1)).sequence, {.cost = 0.3});
  EXPECT_EQ(Fired(world.Begin(Call("shop.pay", 2))), "r");
  world.Finish(2, {.cost = 0.2});
  EXPECT_EQ(world.decider().disarm_reason(), "guard.max_cost ($0.5) is used up: $0.5000");
  EXPECT_EQ(Fired(world.Begin(Call("shop.pay", 3))), "");
}

TEST(StopOnErrors, JudgesOnlyCallsThatWereLeftAlone) {
  World world(
      "target { key: 'pay' value { name: 'shop.pay' } } guard { stop { error_rate: 0.5 last: 4 } } "
      "rule { id: 'r' target: 'pay' fault { status { code: 503 } } }");
  for (int n = 0; n < 8; ++n) world.SendAndFail(Call("shop.pay", n));
  world.Succeed(Call("shop.ask", 0));
  world.Succeed(Call("shop.ask", 1));
  for (int n = 0; n < 8; ++n) world.SendAndFail(Call("shop.pay", n));
  EXPECT_EQ(world.decider().disarm_reason(), "");
  world.SendAndFail(Call("shop.ask", 2));
  EXPECT_EQ(world.decider().disarm_reason(), "");
  world.SendAndFail(Call("shop.ask", 3));
  EXPECT_EQ(world.decider().disarm_reason(),
            "guard.stop: 2 of the last 4 exchanges that were left alone failed (error_rate 0.5)");
}

TEST(StopOnErrors, IsNotDilutedByInjections) {
  World world(
      "guard { stop { error_rate: 0.5 last: 20 } } rule { id: 'r' when { pattern: [PATTERN_STEP_FAIL, "
      "PATTERN_STEP_FAIL, PATTERN_STEP_FAIL, PATTERN_STEP_OK, PATTERN_STEP_OK] } fault { status { code: 503 } } }");
  int injected = 0;
  for (int n = 0; n < 200; ++n) {
    const Begun begun = world.Begin(Call("shop.pay", n));
    injected += Fired(begun).empty() ? 0 : 1;
    world.Fail(begun.sequence);
  }
  EXPECT_NE(world.decider().disarm_reason(), "");
  EXPECT_EQ(injected, 30);
}

TEST(MaxShare, BelowOneInTwentyHoldsFromTheFirstCallOn) {
  World rare("guard { max_share: 0.02 } rule { id: 'r' fault { reset {} } }");
  EXPECT_EQ(Count(rare, "shop.pay", 49), 0);
  EXPECT_EQ(Count(rare, "shop.pay", 50), 1) << "one of fifty, and the next one of a hundred";
  World some("guard { max_share: 0.05 } rule { id: 'r' fault { reset {} } }");
  EXPECT_EQ(Count(some, "shop.pay", 19), 19);
}

TEST(Upstreams, AreTheSameInUpperAndLowerCase) {
  World world("guard { upstreams: 'API.*' } rule { id: 'r' fault { reset {} } }");
  EXPECT_EQ(Fired(world.Succeed({.arguments = "[1]", .upstream = "Api.Example.com"})), "r");
  EXPECT_EQ(Fired(world.Succeed({.arguments = "[2]", .upstream = "www.example.com"})), "");
}

std::string WhyNever(World& world) {
  const auto unreached = world.decider().Unreached();
  return unreached.empty() ? "" : unreached[0].detail();
}

TEST(NeverReached, NamesTheLimitThatStoppedIt) {
  const std::pair<const char*, const char*> cases[] = {
      {"guard { upstreams: 'api.*' } rule { id: 'r' fault { reset {} } }",
       "guard.upstreams names none of the hosts that were called"},
      {"guard { max_share: 0.01 } rule { id: 'r' fault { reset {} } }",
       "guard.max_share stopped it"},
      {"rule { id: 'r' ttl { seconds: 1 } fault { reset {} } }", "its `ttl` was over"}};
  for (const auto& [scenario, why] : cases) {
    World world(scenario);
    world.now = absl::Seconds(2);
    world.Succeed({.upstream = "www.example.com"});
    EXPECT_EQ(WhyNever(world), why) << scenario;
  }
}

// A fault that finds nothing to change in an exchange, as the data path tells.
void FindNothing(World& world, const Begun& begun) {
  world.Finish(begun.sequence, {.no_ops = {begun.decisions[0].rule}});
}

TEST(NoOp, SpendsNoLimit) {
  World world(
      "guard { max_share: 0.04 } target { key: 't' value { name: 'shop.pay' } } rule { id: 'r' "
      "target: 't' limit: 1 when { after { calls: 25 } } fault { truncate_body {} } }");
  for (int n = 0; n < 25; ++n) world.Succeed(Call("shop.pay", n));
  for (int n = 25; n < 28; ++n) {
    const Begun begun = world.Begin(Call("shop.pay", n));
    EXPECT_EQ(Fired(begun), "r");
    FindNothing(world, begun);
  }
  EXPECT_EQ(Fired(world.Succeed(Call("shop.pay", 30))), "r");
  EXPECT_EQ(Fired(world.Succeed(Call("shop.pay", 31))), "");
}

TEST(NoOp, GivesBackTheLastOfTheInjections) {
  World world("guard { max_injections: 1 } rule { id: 'r' fault { truncate_body {} } }");
  const Begun begun = world.Begin(Call("shop.pay", 1));
  EXPECT_EQ(Fired(begun), "r");
  EXPECT_EQ(Fired(world.Succeed(Call("shop.pay", 2))), "");
  FindNothing(world, begun);
  EXPECT_EQ(world.decider().disarm_reason(), "");
  EXPECT_EQ(Fired(world.Succeed(Call("shop.pay", 3))), "r");
  EXPECT_EQ(Fired(world.Succeed(Call("shop.pay", 4))), "");
  EXPECT_EQ(world.decider().disarm_reason(), "guard.max_injections (1) is used up");
}

TEST(NoOp, LeavesItsCallAlone) {
  World world(
      "guard { stop { error_rate: 1 last: 2 } } rule { id: 'r' fault { truncate_body {} } }");
  for (int n = 0; n < 2; ++n) {
    const Begun begun = world.Begin(Call("shop.pay", n));
    world.Finish(begun.sequence, {.failed = true, .no_ops = {begun.decisions[0].rule}});
  }
  EXPECT_NE(world.decider().disarm_reason(), "");
}

TEST(NoOp, OfAnotherPlanIsNobodysBusiness) {
  World other("rule { id: 'r' fault { truncate_body {} } }");
  World world("rule { id: 'r' limit: 1 fault { truncate_body {} } }");
  const Begun foreign = other.Begin(Call("shop.pay", 1));
  const Begun begun = world.Begin(Call("shop.pay", 1));
  const auto input = world.Finish(begun.sequence, {.no_ops = {foreign.decisions[0].rule}});
  EXPECT_EQ(input->no_op_size(), 0);
  EXPECT_EQ(Fired(world.Succeed(Call("shop.pay", 2))), "");
}

TEST(StopOnErrors, JudgesOnlyItsTargetAndNotTooEarly) {
  World world(
      "target { key: 'pay' value { name: 'shop.pay' } } guard { stop { of: 'pay' error_rate: 0.5 "
      "last: 4 } } rule { id: 'r' target: 'pay' when { nth: 100 } fault { reset {} } }");
  for (int n = 0; n < 8; ++n) world.SendAndFail(Call("shop.ask", n));
  for (int n = 0; n < 3; ++n) world.SendAndFail(Call("shop.pay", n));
  EXPECT_EQ(world.decider().disarm_reason(), "");
  world.SendAndFail(Call("shop.pay", 3));
  EXPECT_NE(world.decider().disarm_reason(), "");
}

TEST(StopOnLatency, LooksAtTheMedian) {
  World world("guard { stop { latency { seconds: 2 } last: 3 } }");
  const auto take = [&](absl::Duration time) {
    const Begun begun =
        world.Begin(Call("shop.pay", static_cast<int>(world.now / absl::Seconds(1))));
    world.now += time;
    world.Finish(begun.sequence);
  };
  take(absl::Seconds(1));
  take(absl::Seconds(9));
  take(absl::Seconds(1));
  EXPECT_EQ(world.decider().disarm_reason(), "");
  take(absl::Seconds(3));
  EXPECT_NE(world.decider().disarm_reason().find("took 3s"), std::string::npos)
      << world.decider().disarm_reason();
}

TEST(StopOnCost, SumsTheLastExchanges) {
  World world("guard { stop { cost: 1 last: 2 } }");
  for (const double cost : {0.4, 0.5, 0.4})
    world.Finish(world.Begin(Call("shop.pay", 1)).sequence, {.cost = cost});
  EXPECT_EQ(world.decider().disarm_reason(), "");
  world.Finish(world.Begin(Call("shop.pay", 1)).sequence, {.cost = 0.6});
  EXPECT_NE(world.decider().disarm_reason().find("cost $1.0000"), std::string::npos);
}

TEST(GuardMistakes, ShowTheArithmetic) {
  const auto mistakes = MistakesOf(
      "guard { max_injections: 9 } rule { id: 'a' when { first: 4 } fault { reset {} } } "
      "rule { id: 'b' limit: 6 fault { reset {} } } rule { id: 'c' fault { reset {} } }");
  ASSERT_EQ(mistakes.size(), 1u);
  EXPECT_EQ(mistakes[0].path, "guard.max_injections");
  EXPECT_NE(mistakes[0].message.find("a (4) + b (6) = 10 times, and the guard allows 9"),
            std::string::npos)
      << mistakes[0].message;
}

TEST(GuardMistakes, CountACallOnceWhereRulesMaskEachOther) {
  const auto of = [](const char* second) {
    return MistakesOf(fmt::format(
        "target {{ key: 't' value {{ name: 'x' }} }} target {{ key: 'u' value {{ name: 'y' }} }} "
        "guard {{ max_injections: 6 }} rule {{ id: 'a' target: 't' when {{ first: 4 }} fault {{ "
        "reset {{}} }} }} rule {{ id: 'b' {} }}",
        second));
  };
  EXPECT_EQ(of("target: 't' when { first: 6 } fault { status { code: 503 } }").size(), 0u);
  EXPECT_EQ(of("target: 't' when { between: [3, 6] } fault { reset {} }").size(), 0u);
  EXPECT_EQ(of("target: 'u' when { first: 6 } fault { reset {} }").size(), 1u);
  EXPECT_EQ(of("target: 't' when { first: 6 } fault { latency { fixed { nanos: 5 } } }").size(), 1u);
  const auto mistakes = of("target: 't' when { between: [3, 9] } fault { reset {} }");
  ASSERT_EQ(mistakes.size(), 1u);
  EXPECT_NE(mistakes[0].message.find("a and b (9) = 9 times"), std::string::npos)
      << mistakes[0].message;
}

TEST(GuardMistakes, AddUpPhases) {
  const auto mistakes = MistakesOf(
      "guard { max_duration { seconds: 60 } } phase { name: 'x' duration { seconds: 40 } } "
      "phase { name: 'y' duration { seconds: 30 } } rule { fault { reset {} } }");
  ASSERT_EQ(mistakes.size(), 1u);
  EXPECT_NE(mistakes[0].message.find("x (40 s) + y (30 s) = 70 s, and the guard allows 60 s"),
            std::string::npos)
      << mistakes[0].message;
}

TEST(GuardMistakes, AStopConditionSaysOneThing) {
  EXPECT_EQ(MistakesOf("guard { stop {} }")[0].path, "guard.stop[0]");
  EXPECT_EQ(MistakesOf("guard { stop { cost: 1 error_rate: 0.1 } }")[0].path, "guard.stop[0]");
  EXPECT_EQ(MistakesOf("guard { stop { of: 'x' cost: 1 } }")[0].path, "guard.stop[0].of");
}

TEST(MaxPerMinute, CountsTheInjectionsOfTheLastSixtySeconds) {
  World world("guard { max_per_minute: 2 } rule { id: 'r' fault { latency { fixed {} } } }");
  EXPECT_EQ(Count(world, "shop.pay", 5), 2);
  world.now = absl::Seconds(59);
  EXPECT_EQ(Count(world, "shop.ask", 5), 0);
  world.now = absl::Seconds(60);
  EXPECT_EQ(Count(world, "shop.see", 5), 2);
  EXPECT_EQ(world.decider().disarm_reason(), "") << "it delays, and ends nothing";
}

TEST(MaxPerMinute, SaysThatItStoppedARule) {
  World world(
      "target { key: 'a' value { name: 'shop.a' } } guard { max_per_minute: 1 } "
      "rule { id: 'r' fault { latency { fixed {} } } } rule { id: 's' target: 'a' fault { reset {} "
      "} }");
  world.Succeed(Call("shop.a", 1));
  EXPECT_EQ(world.decider().Unreached()[0].detail(),
            "guard.max_per_minute left none for it at the time");
}

TEST(MaxPerMinute, GetsBackWhatChangedNothing) {
  World world("guard { max_per_minute: 1 } rule { id: 'r' fault { latency { fixed {} } } }");
  const Begun begun = world.Begin(Call("shop.pay", 1));
  world.Finish(begun.sequence, {.no_ops = {begun.decisions[0].rule}});
  EXPECT_EQ(Fired(world.Begin(Call("shop.pay", 2))), "r");
}

}  // namespace
}  // namespace murphy::engine
