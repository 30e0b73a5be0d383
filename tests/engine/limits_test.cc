// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

Shot Distinct(int n) { return {.arguments = fmt::format("[{}]", n)}; }

int Count(World& world, int calls) {
  int fired = 0;
  for (int n = 0; n < calls; ++n) fired += Fired(world.Succeed(Distinct(n))).empty() ? 0 : 1;
  return fired;
}

TEST(Limit, StopsARuleAfterSoManyInjections) {
  World world("rule { id: 'r' limit: 3 fault { reset {} } }");
  EXPECT_EQ(Count(world, 10), 3);
}

TEST(Limit, ComesAfterCountersAndProbability) {
  World world("rule { id: 'r' limit: 2 when { every: 2 } fault { reset {} } }");
  std::string log;
  for (int n = 1; n <= 8; ++n) log += Fired(world.Succeed(Distinct(n))) + ",";
  EXPECT_EQ(log, ",r,,r,,,,,");
}

TEST(Ttl, DisarmsARuleAfterTheStartOfTheRun) {
  World world("rule { id: 'r' ttl { seconds: 5 } fault { reset {} } }");
  world.now = absl::Milliseconds(4999);
  EXPECT_EQ(Fired(world.Succeed(Distinct(1))), "r");
  world.now = absl::Seconds(5);
  EXPECT_EQ(Fired(world.Succeed(Distinct(2))), "");
  EXPECT_EQ(world.decider().disarm_reason(), "");
}

TEST(Ttl, IsMeasuredFromWhenAFaultWasArmed) {
  const auto plan = PlanOf("rule { id: 'r' ttl { seconds: 5 } fault { reset {} } }");
  World early(plan), late(plan, 0, absl::Hours(1));
  early.now = late.now = absl::Hours(1);
  EXPECT_EQ(Fired(early.Succeed()), "");
  EXPECT_EQ(Fired(late.Succeed()), "r");
  late.now += absl::Seconds(5);
  EXPECT_EQ(Fired(late.Succeed()), "");
  EXPECT_EQ(late.decider().disarm_reason(), "");
}

TEST(Guard, StopsAtMaxInjectionsAndSaysSo) {
  World world(
      "guard { max_injections: 3 } rule { id: 'a' fault { latency { fixed {} } } } "
      "rule { id: 'b' fault { reset {} } }");
  EXPECT_EQ(Fired(world.Succeed(Distinct(1))), "a b");
  EXPECT_EQ(world.decider().disarm_reason(), "");
  EXPECT_EQ(Fired(world.Succeed(Distinct(2))), "a");
  EXPECT_EQ(world.decider().disarm_reason(), "guard.max_injections (3) is used up");
  EXPECT_EQ(Fired(world.Succeed(Distinct(3))), "");
}

TEST(Guard, AllowsAThousandInjectionsUnlessItSaysOtherwise) {
  World world("rule { fault { reset {} } }");
  EXPECT_EQ(Count(world, 1100), 1000);
}

TEST(Guard, StopsAtMaxDuration) {
  World world("guard { max_duration { seconds: 2 } } rule { fault { reset {} } }");
  world.now = absl::Seconds(1);
  EXPECT_EQ(Count(world, 1), 1);
  world.now = absl::Seconds(2);
  EXPECT_EQ(Count(world, 1), 0);
  EXPECT_EQ(world.decider().disarm_reason(), "guard.max_duration (2s) is over");
}

TEST(Guard, LastsTenMinutesUnlessItSaysOtherwise) {
  World world("rule { fault { reset {} } }");
  world.now = absl::Minutes(10);
  EXPECT_EQ(Count(world, 1), 0);
}

TEST(Guard, StopsAtMaxTokens) {
  World world("guard { max_tokens: 100 } rule { fault { reset {} } }");
  world.Succeed(Distinct(1), 99);
  EXPECT_EQ(Count(world, 1), 1);
  world.Succeed(Distinct(2), 1);
  EXPECT_EQ(Count(world, 1), 0);
  EXPECT_EQ(world.decider().disarm_reason(), "guard.max_tokens (100) is used up");
}

TEST(Guard, IsNotTakenBackByRearming) {
  World world("guard { max_tokens: 1 } rule { fault { reset {} } }");
  world.Succeed(Distinct(1), 1);
  world.decider().Rearm();
  EXPECT_NE(world.decider().disarm_reason(), "");
  EXPECT_EQ(Count(world, 1), 0);
}

TEST(Guard, KeepsTheShareFromTheTwentiethExchangeOn) {
  World world("guard { max_share: 0.5 } rule { id: 'r' fault { reset {} } }");
  EXPECT_EQ(Count(world, 19), 19);
  // Of n exchanges, 19 were injected: n/2 must reach 20 first.
  EXPECT_EQ(Count(world, 20), 0);
  EXPECT_EQ(Count(world, 1), 1);
}

TEST(Guard, CountsTheShareOfTheLastHundred) {
  World world("guard { max_share: 0.1 } rule { id: 'r' fault { reset {} } }");
  Count(world, 400);
  std::vector<bool> injected;
  for (int n = 0; n < 400; ++n) injected.push_back(!Fired(world.Succeed(Distinct(n))).empty());
  int total = 0;
  for (int n = 0; n < 400; ++n) {
    total += injected[n] ? 1 : 0;
    if (n < 100) continue;
    int window = 0;
    for (int k = n - 99; k <= n; ++k) window += injected[k] ? 1 : 0;
    EXPECT_LE(window, 10) << "up to " << n;
  }
  EXPECT_EQ(total, 40);
}

TEST(Guard, CountsTheShareOfEachTargetForItself) {
  World world(R"(guard { max_share: 0.1 }
                 target { key: 'a' value { name: 'a' } } target { key: 'b' value { name: 'b' } }
                 rule { id: 'r' target: 'b' fault { reset {} } })");
  for (int n = 0; n < 100; ++n) world.Succeed({.name = "a", .arguments = fmt::format("[{}]", n)});
  int fired = 0;
  for (int n = 0; n < 60; ++n) {
    fired +=
        Fired(world.Succeed({.name = "b", .arguments = fmt::format("[{}]", n)})).empty() ? 0 : 1;
  }
  EXPECT_EQ(fired, 19) << "traffic of another target buys nothing";
}

TEST(Disarm, StopsDecisionsAndKeepsAddressing) {
  World world("rule { id: 'r' fault { reset {} } }");
  world.decider().Disarm("halted");
  world.decider().Disarm("the lease is gone");
  EXPECT_EQ(world.decider().disarm_reason(), "halted");
  const Begun begun = world.SendAndFail();
  EXPECT_EQ(Fired(begun), "");
  EXPECT_EQ(begun.address, "-/tool:shop.pay/{}#1@1");
  world.decider().Rearm();
  EXPECT_EQ(world.decider().disarm_reason(), "");
  const Begun again = world.SendAndFail();
  EXPECT_EQ(Fired(again), "r");
  EXPECT_EQ(again.address, "-/tool:shop.pay/{}#1@2");
}

TEST(Disarm, IsNamedWhereARuleNeverFired) {
  World world("rule { id: 'r' fault { reset {} } }");
  world.decider().Disarm("halted");
  world.Succeed();
  ASSERT_EQ(world.decider().Unreached().size(), 1u);
  EXPECT_EQ(world.decider().Unreached()[0].detail(),
            "no exchange of its target; faults were disarmed: halted");
}

}  // namespace
}  // namespace murphy::engine
