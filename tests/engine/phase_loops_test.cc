// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/engine/track.h"
#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

constexpr std::string_view kRules = R"(
  guard { max_duration { seconds: 1000000000 } }
  target { key: 'pay' value { name: 'shop.pay' } }
  rule { id: 'U' phase: 'up' fault { latency { fixed {} } } }
  rule { id: 'D' phase: 'down' fault { latency { fixed {} } } })";

std::string UpAndDown(std::string_view up, std::string_view down) {
  return fmt::format("phase {{ name: 'up' {} }} phase {{ name: 'down' next: 'up' {} }} {}", up,
                     down, kRules);
}

Shot Distinct(int n) { return {.arguments = fmt::format("[{}]", n)}; }

std::string Letters(World& world, int calls) {
  std::string log;
  for (int n = 0; n < calls; ++n) log += Fired(world.Succeed(Distinct(n)));
  return log;
}

TEST(PhaseLoops, ComeBackByCounts) {
  World world(UpAndDown("until { calls: 3 }", "until { calls: 2 }"));
  EXPECT_EQ(Letters(world, 12), "UUUDDUUUDDUU");
}

TEST(PhaseLoops, ComeBackByTime) {
  World world(UpAndDown("duration { seconds: 3 }", "duration { seconds: 2 }"));
  std::string log;
  for (int second = 0; second < 12; ++second) {
    world.now = absl::Seconds(second);
    log += Fired(world.Succeed(Distinct(second)));
  }
  EXPECT_EQ(log, "UUUDDUUUDDUU");
}

TEST(PhaseLoops, SurviveALongSilenceToTheNanosecond) {
  World world(UpAndDown("duration { nanos: 3 }", "duration { nanos: 2 }"));
  EXPECT_EQ(Fired(world.Succeed(Distinct(0))), "U");
  // Whole rounds of 5 ns, as in a year.
  const absl::Duration year = absl::Hours(24 * 365);
  for (int rest = 0; rest < 5; ++rest) {
    world.now = year + absl::Nanoseconds(rest);
    EXPECT_EQ(Fired(world.Succeed(Distinct(rest + 1))), rest < 3 ? "U" : "D") << rest;
  }
  EXPECT_EQ(world.decider().broken(), "");
}

TEST(PhaseLoops, WaitInSilenceForAPhaseThatCountsEnd) {
  World world(UpAndDown("duration { seconds: 1 }", "until { calls: 1 }"));
  EXPECT_EQ(Fired(world.Succeed(Distinct(0))), "U");
  world.now = absl::Seconds(1000);
  EXPECT_EQ(Fired(world.Succeed(Distinct(1))), "D") << "down waits for a call";
  EXPECT_EQ(Fired(world.Succeed(Distinct(2))), "U");
}

TEST(PhaseLoops, CanBeEnteredFromALeadIn) {
  World world(R"(
    phase { name: 'calm' duration { seconds: 10 } }
    phase { name: 'up' duration { seconds: 3 } }
    phase { name: 'down' duration { seconds: 2 } next: 'up' })" +
              std::string(kRules));
  EXPECT_EQ(Fired(world.Succeed(Distinct(0))), "");
  world.now = absl::Seconds(10 + 5'000'000 + 4);
  EXPECT_EQ(Fired(world.Succeed(Distinct(1))), "D");
}

TEST(PhaseLoops, CanBeOneThatFollowsItself) {
  World world(R"(phase { name: 'up' next: 'up' duration { seconds: 3 } }
    guard { max_duration { seconds: 86400 } } rule { id: 'U' phase: 'up' fault { latency { fixed {} } } })");
  world.Succeed(Distinct(0));
  world.now = absl::Hours(1);
  EXPECT_EQ(Fired(world.Succeed(Distinct(1))), "U");
}

TEST(Entering, InterruptsWhateverPhaseIsActive) {
  World world(UpAndDown("", "enter { calls: 3 of: 'pay' } until { calls: 2 }"));
  EXPECT_EQ(Letters(world, 12), "UUUDDUUUDDUU") << "counted from when it was last left";
}

TEST(Entering, OutranksTheEndOfTheActivePhase) {
  World world(R"(
    phase { name: 'up' until { calls: 1 } }
    phase { name: 'other' until { calls: 1 } }
    phase { name: 'down' enter { calls: 1 } until { calls: 1 } })" +
              std::string(kRules));
  EXPECT_EQ(Letters(world, 3), "UD");
}

TEST(Entering, BringsBackARunThatHasLeftItsLastPhase) {
  World world(R"(
    phase { name: 'up' until { calls: 1 } }
    phase { name: 'down' enter { calls: 4 } until { calls: 1 } })" +
              std::string(kRules));
  std::string log;
  for (int n = 0; n < 7; ++n) log += Fired(world.Succeed(Distinct(n))) + ",";
  EXPECT_EQ(log, "U,D,,,,,D,") << "down follows up, and is entered again four calls after it ended";
}

TEST(PhasesOn, BeginForTheVeryCallThatBringsThem) {
  World world(R"(
    phase { name: 'up' }
    phase { name: 'down' enter_on { call: CALL_MOMENT_BEGINS of: 'pay' } until { calls: 2 } })" +
              std::string(kRules));
  std::string log;
  for (const char* name : {"shop.see", "shop.pay", "shop.see", "shop.see", "shop.see", "shop.pay"})
    log += Fired(world.Succeed({.name = name})) + ",";
  EXPECT_EQ(log, "U,D,D,,,D,") << "nothing follows down";
}

TEST(PhasesOn, EndWhenItHasHappenedOftenEnoughSinceTheyBegan) {
  World world(UpAndDown("until_on { response: RESPONSE_CLASS_FAILURE times: 2 }",
                        "until_on { response: RESPONSE_CLASS_SUCCESS }"));
  std::string log;
  const auto send = [&](bool fail) {
    log += Fired(fail ? world.SendAndFail(Distinct(static_cast<int>(log.size())))
                      : world.Succeed(Distinct(static_cast<int>(log.size()))));
  };
  for (const bool fail : {true, false, true, true, true, false, true, true, false}) send(fail);
  EXPECT_EQ(log, "UUUDDDUUD");
}

TEST(Transitions, AreAtMostEightForOneEvent) {
  std::string scenario = "phase { name: 'p0' } ";
  for (int n = 1; n <= Track::kMostTransitions; ++n) {
    scenario += fmt::format("phase {{ name: 'p{}' enter {{ calls: 2 }} }} ", n);
  }
  const std::string_view rule = "rule { id: 'r' fault { reset {} } } ";
  World most(scenario + std::string(rule));
  EXPECT_EQ(Letters(most, 4), "rrrr") << "eight are allowed";
  World more(scenario + "phase { name: 'p9' enter { calls: 2 } } " + std::string(rule));
  EXPECT_EQ(Letters(more, 4), "rr");
  EXPECT_EQ(more.decider().disarm_reason(), more.decider().broken());
  EXPECT_NE(more.decider().broken().find("p0 → p1 → p2"), std::string::npos)
      << more.decider().broken();
  more.decider().Rearm();
  EXPECT_EQ(Letters(more, 1), "") << "nothing takes it back";
}

}  // namespace
}  // namespace murphy::engine
