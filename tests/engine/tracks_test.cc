// SPDX-License-Identifier: Apache-2.0
// Tracks of phases beside each other, offsets at a rendezvous, and what the runs of an experiment share.
#include <gtest/gtest.h>

#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

Shot Call(std::string_view name, int n = 0) {
  return {.name = fmt::format("shop.{}", name), .arguments = fmt::format("[{}]", n)};
}

constexpr std::string_view kTracks = R"(
  phase { name: 'calm' track: 'model' until { calls: 2 } }
  phase { name: 'storm' track: 'model' until { calls: 2 } next: 'calm' }
  phase { name: 'day' until { calls: 3 } }
  phase { name: 'night' }
  rule { id: 's' phase: 'storm' fault { latency { fixed {} } } }
  rule { id: 'n' phase: 'night' fault { latency { fixed {} } } } )";

TEST(Tracks, GoOnBesideEachOther) {
  World world(kTracks);
  std::string log;
  for (int n = 0; n < 8; ++n) log += "[" + Fired(world.Succeed(Call("a", n))) + "]";
  EXPECT_EQ(log, "[][][s][s n][n][n][s n][s n]");
}

TEST(Tracks, ThePlanEndsWithTheLastOfThem) {
  World world(R"(
    phase { name: 'a' until { calls: 1 } }
    phase { name: 'b' track: 'other' until { calls: 3 } }
    rule { id: 'r' phase: 'b' fault { latency { fixed {} } } } )");
  for (int n = 0; n < 3; ++n) {
    EXPECT_FALSE(world.decider().PassToEnd(world.Time())) << n;
    world.Succeed(Call("a", n));
  }
  // The event that ends a phase is the next one.
  world.Succeed(Call("a", 3));
  EXPECT_TRUE(world.decider().PassToEnd(world.Time()));
}

TEST(Tracks, APhaseThatWasNotTheLastOfItsTrackIsSaidToBeUnreached) {
  World world(kTracks);
  world.Succeed(Call("a"));
  const auto unreached = world.decider().Unreached();
  ASSERT_EQ(unreached.size(), 2u);
  EXPECT_EQ(unreached[0].detail(), "its phase never began");
}

constexpr std::string_view kMeeting = R"(
  target { key: 'a' value { name: 'shop.a' } }
  target { key: 'b' value { name: 'shop.b' } }
  rule { id: 'A' target: 'a' fault { reset {} } }
  rule { id: 'B' target: 'b' fault { reset {} } }
  group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_RENDEZVOUS
          offsets { key: 'B' value { nanos: 200000000 } } } )";

TEST(Offsets, AreThoseOfTheMembersThatHaveOne) {
  World world(kMeeting);
  const Begun first = world.Begin(Call("a"));
  const Begun last = world.Begin(Call("b"));
  ASSERT_EQ(Fired(first), "…A");
  ASSERT_EQ(Fired(last), "B");
  EXPECT_EQ(first.decisions[0].offset, absl::ZeroDuration());
  EXPECT_EQ(last.decisions[0].offset, absl::Milliseconds(200));
}

std::string Course(std::string_view scenario, uint32_t run_index) {
  World world(scenario, run_index);
  std::string log;
  for (int n = 0; n < 60; ++n) log += Fired(world.Succeed(Call("a", n))).empty() ? "." : "r";
  return log;
}

TEST(SharedCause, IsTheSameInEveryRun) {
  constexpr const char* kFollows =
      "cause {{ key: 'region' value {{ markov {{ p_on: 0.2 p_off: 0.3 }} {} }} }} "
      "rule {{ id: 'r' when {{ cause: 'region' }} fault {{ reset {{}} }} }}";
  const std::string shared = fmt::format(fmt::runtime(kFollows), "shared: true");
  const std::string own = fmt::format(fmt::runtime(kFollows), "");
  EXPECT_EQ(Course(shared, 1), Course(shared, 7));
  EXPECT_NE(Course(own, 1), Course(own, 7));
  EXPECT_NE(Course(shared, 1).find('r'), std::string::npos);
}

constexpr std::string_view kLimited =
    "guard { max_injections_per_experiment: 5 } rule { id: 'r' fault { reset {} } }";

TEST(LimitOfTheExperiment, GoesOnWhereTheRunBeforeHasEnded) {
  World first(kLimited);
  for (int n = 0; n < 3; ++n) EXPECT_EQ(Fired(first.Begin(Call("a", n))), "r");
  EXPECT_EQ(first.decider().injections(), 3u);
  World second(kLimited, 1);
  second.decider().Continue({}, 3);
  EXPECT_EQ(Fired(second.Begin(Call("a", 1))), "r");
  EXPECT_EQ(Fired(second.Begin(Call("a", 2))), "r");
  EXPECT_EQ(Fired(second.Begin(Call("a", 3))), "");
  EXPECT_EQ(second.decider().disarm_reason(),
            "guard.max_injections_per_experiment (5) is used up");
}

TEST(LimitOfTheExperiment, MayBeUsedUpBeforeARunBegins) {
  World world(kLimited, 2);
  world.decider().Continue({}, 9);
  EXPECT_EQ(Fired(world.Begin(Call("a"))), "");
  EXPECT_EQ(world.decider().disarm_reason(),
            "guard.max_injections_per_experiment (5) is used up");
  EXPECT_EQ(world.decider().injections(), 0u);
}

TEST(LimitOfTheExperiment, IsGivenBackByWhatChangesNothing) {
  World world(kLimited);
  world.decider().Continue({}, 4);
  const Begun begun = world.Begin(Call("a"));
  ASSERT_EQ(Fired(begun), "r");
  EXPECT_FALSE(world.decider().disarm_reason().empty());
  world.Finish(begun.sequence, {.no_ops = {begun.decisions[0].rule}});
  EXPECT_EQ(world.decider().disarm_reason(), "");
  EXPECT_EQ(world.decider().injections(), 0u);
  EXPECT_EQ(Fired(world.Begin(Call("a", 1))), "r");
}

std::string MistakeIn(std::string_view text) {
  std::vector<Mistake> mistakes;
  Plan::Compile(Scenario(text), 1, mistakes);
  return mistakes.empty() ? "" : mistakes.front().path + ": " + mistakes.front().message;
}

TEST(Tracks, MistakesAreFoundByTrack) {
  EXPECT_EQ(MistakeIn("phase { name: 'a' until { calls: 1 } next: 'c' } phase { name: 'b' } "
                      "phase { name: 'c' track: 't' } rule { fault { reset {} } }"),
            "phase[0].next: `next` leads out of its track: `c` is in another one");
  EXPECT_EQ(MistakeIn("phase { name: 'a' } phase { name: 'c' track: 't' } "
                      "rule { phase: 'c' fault { reset {} } }"),
            "")
      << "a phase that never ends keeps only its own track";
  EXPECT_EQ(MistakeIn(R"(
      phase { name: 'a' until { calls: 1 } } phase { name: 'b' } phase { name: 'c' track: 't' }
      rule { id: 'x' phase: 'a' fault { reset {} } } rule { id: 'y' phase: 'c' fault { hang {} } }
      group { name: 'g' rules: ['x', 'y'] mode: GROUP_MODE_SIMULTANEOUS } )"),
            "")
      << "phases of two tracks can be active together";
}

TEST(Offsets, AreOfMembersOnly) {
  EXPECT_EQ(MistakeIn("rule { id: 'one' fault { reset {} } } rule { id: 'two' fault { hang {} } } "
                      "group { name: 'g' rules: ['one', 'two'] mode: GROUP_MODE_RENDEZVOUS "
                      "offsets { key: 'onne' value {} } }"),
            "group[0].offsets.onne: `onne` is no member of the group; did you mean `one`?");
}

TEST(SharedCause, IsDrawn) {
  EXPECT_EQ(MistakeIn("cause { key: 'c' value { shared: true window { after { calls: 2 } } } } "
                      "rule { when { cause: 'c' } fault { reset {} } }"),
            "cause.c.shared: `shared` means nothing here: only what is drawn (`markov`) differs from "
            "run to run");
}

}  // namespace
}  // namespace murphy::engine
