// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

constexpr std::string_view kRules = R"(
  target { key: 'pay' value { name: 'shop.pay' } }
  rule { id: 'A' phase: 'a' fault { latency { fixed {} } } }
  rule { id: 'B' phase: 'b' fault { latency { fixed {} } } }
  rule { id: 'C' phase: 'c' fault { latency { fixed {} } } })";

std::string Phases(std::string_view first, std::string_view second, std::string_view third = "") {
  return fmt::format(
      "phase {{ name: 'a' {} }} phase {{ name: 'b' {} }} phase {{ name: 'c' {} }} {}", first,
      second, third, kRules);
}

Shot Distinct(int n) { return {.arguments = fmt::format("[{}]", n)}; }

TEST(Phases, ArmOnlyTheirRules) {
  World world(Phases("until { calls: 2 }", "until { calls: 1 }"));
  std::string log;
  for (int n = 0; n < 6; ++n) log += Fired(world.Succeed(Distinct(n)));
  EXPECT_EQ(log, "AABCCC");
}

TEST(Phases, CountFromTheirOwnBeginning) {
  World world(Phases("until { injections: 3 }", "until { injections: 2 }"));
  std::string log;
  for (int n = 0; n < 7; ++n) log += Fired(world.Succeed(Distinct(n)));
  EXPECT_EQ(log, "AAABBCC");
}

TEST(Phases, CountOneTarget) {
  World world(Phases("until { calls: 2 of: 'pay' }", "until { calls: 9 }"));
  std::string log;
  for (const char* name : {"shop.pay", "shop.see", "shop.see", "shop.pay", "shop.see"}) {
    log += Fired(world.Succeed({.name = name}));
  }
  EXPECT_EQ(log, "AAAAB");
}

TEST(Phases, CountOperationsOnce) {
  World world(Phases("until { operations: 2 }", "until { operations: 1 }"));
  std::string log;
  for (const int n : {1, 1, 1, 2, 3}) log += Fired(world.SendAndFail(Distinct(n)));
  EXPECT_EQ(log, "AAAAB") << "the phase ends with the beginning of the second operation";
}

TEST(Phases, EndWhenTokensAreSpentAtTheEndOfAnExchange) {
  World world(Phases("until { tokens: 100 }", "until { tokens: 100 }"));
  EXPECT_EQ(Fired(world.Succeed(Distinct(1), 99)), "A");
  const Begun begun = world.Begin(Distinct(2));
  EXPECT_EQ(Fired(begun), "A");
  EXPECT_EQ(Fired(world.Begin(Distinct(3))), "A") << "nothing is spent before the end";
  world.Finish(begun.sequence, {.tokens = 1});
  EXPECT_EQ(Fired(world.Succeed(Distinct(4))), "B");
}

TEST(Phases, BeginWithTheFirstExchange) {
  World world(Phases("duration { seconds: 10 }", "duration { seconds: 5 }"));
  world.now = absl::Seconds(60);
  EXPECT_EQ(Fired(world.Succeed(Distinct(1))), "A");
  world.now = absl::Seconds(69);
  EXPECT_EQ(Fired(world.Succeed(Distinct(2))), "A");
  world.now = absl::Seconds(70);
  EXPECT_EQ(Fired(world.Succeed(Distinct(3))), "B");
  world.now = absl::Seconds(75);
  EXPECT_EQ(Fired(world.Succeed(Distinct(4))), "C");
}

TEST(Phases, EndByTimeAtThatTimeHoweverLateItIsNoticed) {
  World world(Phases("duration { seconds: 10 }", "duration { seconds: 10 }"));
  EXPECT_EQ(Fired(world.Succeed(Distinct(1))), "A");
  world.now = absl::Seconds(19);
  EXPECT_EQ(Fired(world.Succeed(Distinct(2))), "B");
  world.now = absl::Seconds(20);
  EXPECT_EQ(Fired(world.Succeed(Distinct(3))), "C");
}

TEST(Phases, PassAnyNumberOfShortOnesInALongSilence) {
  std::string scenario;
  for (int n = 0; n < 20; ++n) {
    scenario += fmt::format("phase {{ name: 'p{}' duration {{ seconds: 1 }} }} ", n);
  }
  World world(scenario +
              "phase { name: 'last' } rule { id: 'r' phase: 'last' fault { reset {} } }");
  EXPECT_EQ(Fired(world.Succeed(Distinct(1))), "");
  world.now = absl::Seconds(30);
  EXPECT_EQ(Fired(world.Succeed(Distinct(2))), "r");
}

TEST(Phases, EndAtWhicheverComesFirst) {
  const std::string scenario =
      Phases("until { calls: 3 } duration { seconds: 10 }", "until { calls: 9 }");
  World busy(scenario), slow(scenario);
  std::string log;
  for (int n = 0; n < 4; ++n) log += Fired(busy.Succeed(Distinct(n)));
  EXPECT_EQ(log, "AAAB");
  slow.Succeed(Distinct(1));
  slow.now = absl::Seconds(10);
  EXPECT_EQ(Fired(slow.Succeed(Distinct(2))), "B");
}

TEST(Phases, NeedTimeAndCountWhereUntilNamesBoth) {
  World world(Phases("until { calls: 2 time { seconds: 10 } }", "until { calls: 1 }"));
  EXPECT_EQ(Fired(world.Succeed(Distinct(1))), "A");
  world.now = absl::Seconds(15);
  EXPECT_EQ(Fired(world.Succeed(Distinct(2))), "A") << "one call until now";
  EXPECT_EQ(Fired(world.Succeed(Distinct(3))), "B");
}

TEST(Phases, LeaveNoneActiveWhenTheLastOneEnds) {
  World world(Phases("until { calls: 1 }", "until { calls: 1 }", "until { calls: 1 }"));
  std::string log;
  for (int n = 0; n < 5; ++n) log += Fired(world.Succeed(Distinct(n))) + ",";
  EXPECT_EQ(log, "A,B,C,,,");
}

TEST(Phases, GoOnWhileDisarmed) {
  World world(Phases("until { calls: 1 }", "until { calls: 9 }"));
  world.decider().Disarm("the lease is gone");
  EXPECT_EQ(Fired(world.Succeed(Distinct(1))), "");
  world.decider().Rearm();
  EXPECT_EQ(Fired(world.Succeed(Distinct(2))), "B");
}

TEST(Phases, EndWhenAnyOfTheirEndsIsReached) {
  const std::string text =
      Phases("until { calls: 5 } until { injections: 2 } until { time { seconds: 3 } }",
             "until { calls: 1 of: 'pay' } until { calls: 3 }");
  World by_injections(text);
  std::string log;
  for (int n = 0; n < 4; ++n) log += Fired(by_injections.Succeed(Distinct(n)));
  EXPECT_EQ(log, "AABC");
  World by_time(text);
  EXPECT_EQ(Fired(by_time.Succeed(Distinct(1))), "A");
  by_time.now = absl::Seconds(3);
  EXPECT_EQ(Fired(by_time.Succeed({.name = "shop.see", .arguments = "[1]"})), "B");
  EXPECT_EQ(Fired(by_time.Succeed({.name = "shop.see", .arguments = "[2]"})), "B");
  EXPECT_EQ(Fired(by_time.Succeed({.name = "shop.see", .arguments = "[3]"})), "B")
      << "each end counts for itself, from the beginning of the phase";
  EXPECT_EQ(Fired(by_time.Succeed(Distinct(4))), "C");
}

}  // namespace
}  // namespace murphy::engine
