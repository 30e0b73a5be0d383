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

TEST(StopOnErrors, CountsOnlyWhatFailedByItself) {
  World world(
      "target { key: 'pay' value { name: 'shop.pay' } } guard { stop { error_rate: 0.5 last: 4 } } "
      "rule { id: 'r' target: 'pay' fault { status { code: 503 } } }");
  for (int n = 0; n < 8; ++n) world.SendAndFail(Call("shop.pay", n));
  EXPECT_EQ(world.decider().disarm_reason(), "");
  for (int n = 0; n < 2; ++n) world.SendAndFail(Call("shop.ask", n));
  EXPECT_EQ(world.decider().disarm_reason(),
            "guard.stop: 2 of the last 4 exchanges failed by themselves (error_rate 0.5)");
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

}  // namespace
}  // namespace murphy::engine
