// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/groups.h"

#include <gtest/gtest.h>

#include <map>

#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

constexpr std::string_view kTargets = R"(
  target { key: 'a' value { name: 'shop.a' } }
  target { key: 'b' value { name: 'shop.b' } }
  target { key: 'c' value { name: 'shop.c' } } )";

constexpr std::string_view kRules = R"(
  rule { id: 'A' target: 'a' fault { reset {} } }
  rule { id: 'B' target: 'b' fault { reset {} } } )";

// Two rules of one group each, on targets of their own.
std::string Pair(std::string_view group) {
  return fmt::format("{}{}group {{ name: 'g' rules: ['A', 'B'] {} }}", kTargets, kRules, group);
}

constexpr std::string_view kRendezvous = "mode: GROUP_MODE_RENDEZVOUS timeout { seconds: 5 } ";

Shot Call(std::string_view name, int n = 0) {
  return {.name = fmt::format("shop.{}", name), .arguments = fmt::format("[{}]", n)};
}

v1::RealisedGroup Came(World& world) {
  v1::Realised realised;
  world.decider().Realise(realised);
  return realised.groups(0);
}

TEST(Rendezvous, HoldsTheFirstCallUntilEveryMemberHasOneInFlight) {
  World world(Pair(kRendezvous));
  const Begun first = world.Begin(Call("a"));
  EXPECT_EQ(Fired(first), "…A");
  const auto gate = first.decisions[0].gate;
  ASSERT_NE(gate, nullptr);
  EXPECT_EQ(gate->state(), Gate::State::kWaiting);
  EXPECT_EQ(gate->deadline(), absl::Seconds(5));
  EXPECT_FALSE(world.decider().TakeWake());
  const Begun last = world.Begin(Call("b"));
  EXPECT_EQ(Fired(last), "B") << "the last one waits for nobody";
  EXPECT_EQ(last.decisions[0].gate, nullptr);
  EXPECT_EQ(gate->state(), Gate::State::kOpen);
  EXPECT_TRUE(world.decider().TakeWake());
  EXPECT_FALSE(world.decider().TakeWake()) << "once";
  EXPECT_EQ(Came(world).met(), 1u);
  EXPECT_TRUE(Came(world).never_fired().empty());
}

TEST(Rendezvous, LetsFurtherCallsOfAMemberThatWaitsPass) {
  World world(Pair(kRendezvous));
  EXPECT_EQ(Fired(world.Begin(Call("a", 1))), "…A");
  EXPECT_EQ(Fired(world.Begin(Call("a", 2))), "");
  EXPECT_EQ(Fired(world.Begin(Call("b"))), "B");
  EXPECT_EQ(Fired(world.Begin(Call("a", 3))), "…A") << "the next meeting";
}

TEST(Rendezvous, NeedsACallOfItsOwnForEachMember) {
  World world(std::string(kTargets) + R"(
    rule { id: 'A' target: 'a' when { first: 1 } fault { reset {} } }
    rule { id: 'B' target: 'a' when { first: 1 } fault { latency { fixed {} } } }
    group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_RENDEZVOUS })");
  EXPECT_EQ(Fired(world.Begin(Call("a", 1))), "…A") << "not both on one call";
  EXPECT_EQ(Fired(world.Begin(Call("a", 2))), "B");
}

TEST(Rendezvous, CountsWhatFiresOnlyWhenItFires) {
  World world(R"(phase { name: 'p' until { injections: 2 } } phase { name: 'q' }
    rule { id: 'Q' phase: 'q' fault { latency { fixed {} } } })" +
              Pair(kRendezvous));
  world.Begin(Call("a"));
  EXPECT_EQ(Fired(world.Begin(Call("c", 1))), "") << "nothing has fired";
  world.Begin(Call("b"));
  EXPECT_EQ(Fired(world.Begin(Call("c", 2))), "Q") << "two have";
}

TEST(Rendezvous, ForgetsACallThatHasEnded) {
  World world(Pair(kRendezvous));
  const Begun left = world.Begin(Call("a", 1));
  world.Finish(left.sequence, {.end = v1::END_STATE_AGENT_LEFT, .failed = true});
  EXPECT_EQ(Fired(world.Begin(Call("b"))), "…B") << "nobody waits any more";
  EXPECT_EQ(Fired(world.Begin(Call("a", 2))), "A");
}

TEST(RendezvousTimeout, ReleasesWithoutAFault) {
  World world(Pair(kRendezvous));
  const Begun begun = world.Begin(Call("a", 1));
  world.now = absl::Seconds(5) - absl::Nanoseconds(1);
  EXPECT_FALSE(world.decider().Pass({.run = world.now, .wall = {}}));
  EXPECT_EQ(begun.decisions[0].gate->state(), Gate::State::kWaiting);
  world.now = absl::Seconds(5);
  EXPECT_EQ(Fired(world.Begin(Call("b"))), "…B") << "too late: the next meeting";
  EXPECT_EQ(begun.decisions[0].gate->state(), Gate::State::kGivenUp);
  EXPECT_TRUE(world.decider().TakeWake());
  EXPECT_EQ(Came(world).timed_out(), 1u);
  EXPECT_EQ(Came(world).never_fired_size(), 2);
  EXPECT_NE(begun.decisions[0].gate->late().find("`g`"), std::string::npos);
}

TEST(RendezvousTimeout, IsNoticedByWhoeverWaitsWhateverTheClockSays) {
  World world(Pair(kRendezvous));
  const Begun begun = world.Begin(Call("a", 1));
  const auto gate = begun.decisions[0].gate;
  world.decider().Expire(*gate, {.run = gate->deadline() - absl::Microseconds(3), .wall = {}});
  EXPECT_EQ(gate->state(), Gate::State::kGivenUp);
  EXPECT_TRUE(world.decider().TakeWake());
}

TEST(RendezvousTimeout, FiresWithThoseThatAreThere) {
  World world(std::string(kTargets) + std::string(kRules) + R"(
    rule { id: 'C' target: 'c' limit: 1 fault { reset {} } }
    guard { max_injections: 4 }
    group { name: 'g' rules: ['A', 'B', 'C'] mode: GROUP_MODE_RENDEZVOUS timeout { seconds: 5 }
            on_timeout: ON_TIMEOUT_FIRE })");
  const Begun a = world.Begin(Call("a"));
  const Begun c = world.Begin(Call("c"));
  EXPECT_EQ(Fired(c), "…C");
  world.now = absl::Seconds(6);
  world.decider().Pass({.run = world.now, .wall = {}});
  EXPECT_EQ(a.decisions[0].gate->state(), Gate::State::kOpen);
  EXPECT_EQ(Came(world).never_fired(0), "B");
  EXPECT_EQ(Fired(world.Begin(Call("c", 2))), "") << "its limit is used up";
  EXPECT_EQ(Fired(world.Begin(Call("a", 2))), "") << "two injections are left for three members";
}

TEST(RendezvousTimeout, CanMakeTheRunInvalid) {
  World world(Pair(std::string(kRendezvous) + "on_timeout: ON_TIMEOUT_INVALIDATE_RUN"));
  const Begun begun = world.Begin(Call("a"));
  world.now = absl::Seconds(5);
  EXPECT_EQ(Fired(world.Begin(Call("b"))), "");
  EXPECT_EQ(begun.decisions[0].gate->state(), Gate::State::kGivenUp);
  EXPECT_NE(world.decider().broken().find("not complete within 5s"), std::string::npos);
  EXPECT_EQ(world.decider().disarm_reason(), world.decider().broken());
}

TEST(Rendezvous, GivesUpWhenFaultsAreDisarmed) {
  World world(Pair(kRendezvous));
  const Begun begun = world.Begin(Call("a"));
  world.decider().Disarm("halted");
  EXPECT_EQ(begun.decisions[0].gate->state(), Gate::State::kGivenUp);
  EXPECT_TRUE(world.decider().TakeWake());
  world.decider().Rearm();
  EXPECT_EQ(Fired(world.Begin(Call("b"))), "…B") << "the released call does not count";
}

TEST(Rendezvous, MasksLikeAnyOtherFaultAndDoesNotWaitWhenMasked) {
  World world(std::string(kTargets) + R"(
    rule { id: 'first' target: 'a' when { nth: 1 } fault { hang {} } })" +
              std::string(kRules) + R"(
    rule { id: 'last' target: 'a' fault { hang {} } }
    group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_RENDEZVOUS })");
  EXPECT_EQ(Fired(world.Begin(Call("a", 1))), "first (A) (last)");
  EXPECT_EQ(Fired(world.Begin(Call("b", 1))), "…B") << "a masked member is not there";
  EXPECT_EQ(Fired(world.Begin(Call("a", 2))), "A (last)");
}

TEST(Ordered, ArmsEachMemberWhenTheOneBeforeHasFired) {
  World world(Pair("mode: GROUP_MODE_ORDERED"));
  EXPECT_EQ(Fired(world.Begin(Call("b", 1))), "");
  EXPECT_EQ(Fired(world.Begin(Call("a", 1))), "A");
  EXPECT_EQ(Fired(world.Begin(Call("b", 2))), "B");
  EXPECT_EQ(Fired(world.Begin(Call("b", 3))), "B") << "for the rest of the run";
}

TEST(Ordered, DoesNotArmTheNextOnTheSameCall) {
  World world(R"(
    rule { id: 'A' fault { latency { fixed {} } } } rule { id: 'B' fault { reset {} } }
    group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_ORDERED })");
  EXPECT_EQ(Fired(world.Begin(Call("a", 1))), "A");
  EXPECT_EQ(Fired(world.Begin(Call("a", 2))), "A B");
}

TEST(Ordered, DisarmsAfterSoManyCalls) {
  World world(Pair("mode: GROUP_MODE_ORDERED within { calls: 2 }"));
  world.Begin(Call("a", 1));
  EXPECT_EQ(Fired(world.Begin(Call("c", 1))), "");
  EXPECT_EQ(Fired(world.Begin(Call("b", 1))), "B");
  EXPECT_EQ(Fired(world.Begin(Call("b", 2))), "") << "the third call";
}

TEST(Ordered, DisarmsAfterATime) {
  World world(Pair("mode: GROUP_MODE_ORDERED within { time { seconds: 3 } }"));
  world.Begin(Call("a", 1));
  world.now = absl::Seconds(2);
  EXPECT_EQ(Fired(world.Begin(Call("b", 1))), "B");
  world.now = absl::Seconds(3);
  EXPECT_EQ(Fired(world.Begin(Call("b", 2))), "");
}

TEST(Ordered, DoesNotCountAMaskedMember) {
  World world(
      std::string(kTargets) + "rule { id: 'other' target: 'a' when { nth: 1 } fault { hang {} } }" +
      std::string(kRules) + "group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_ORDERED }");
  EXPECT_EQ(Fired(world.Begin(Call("a", 1))), "other (A)");
  EXPECT_EQ(Fired(world.Begin(Call("b", 1))), "");
}

TEST(AtMost, LimitsAllMembersTogether) {
  World world(Pair("mode: GROUP_MODE_AT_MOST most: 3"));
  std::string log;
  for (int n = 0; n < 3; ++n) {
    log += Fired(world.Begin(Call("a", n)));
    log += Fired(world.Begin(Call("b", n)));
  }
  EXPECT_EQ(log, "ABA");
}

TEST(AtMost, IsNotSpentByMaskedMembers) {
  World world(std::string(kTargets) +
              "rule { id: 'other' target: 'a' when { nth: 1 } fault { hang {} } }" +
              std::string(kRules) +
              "group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_AT_MOST most: 1 }");
  EXPECT_EQ(Fired(world.Begin(Call("a", 1))), "other (A)");
  EXPECT_EQ(Fired(world.Begin(Call("a", 2))), "A");
  EXPECT_EQ(Fired(world.Begin(Call("b", 1))), "");
}

TEST(Simultaneous, ArmsNobodyBeforeAllAreArmed) {
  World world(std::string(kTargets) + R"(
    rule { id: 'A' target: 'a' when { after { calls: 2 of: 'c' } } fault { reset {} } }
    rule { id: 'B' target: 'b' fault { reset {} } }
    group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_SIMULTANEOUS })");
  EXPECT_EQ(Fired(world.Begin(Call("b", 1))), "") << "A is not armed yet";
  world.Succeed(Call("c", 1));
  world.Succeed(Call("c", 2));
  EXPECT_EQ(Fired(world.Begin(Call("b", 2))), "B");
  EXPECT_EQ(Fired(world.Begin(Call("a", 1))), "A");
}

TEST(AllOrLabel, NamesMembersThatNeverFired) {
  World world(Pair("mode: GROUP_MODE_ALL_OR_LABEL"));
  EXPECT_EQ(Came(world).never_fired_size(), 2);
  EXPECT_EQ(Fired(world.Begin(Call("a"))), "A");
  ASSERT_EQ(Came(world).never_fired_size(), 1);
  EXPECT_EQ(Came(world).never_fired(0), "B");
}

TEST(Groups, AreNamedWhereTheyKeptARuleFromFiring) {
  World world(Pair("mode: GROUP_MODE_ORDERED"));
  world.Begin(Call("b"));
  for (const v1::Injection& injection : world.decider().Unreached()) {
    if (injection.rule() != "B") continue;
    EXPECT_EQ(injection.detail(), "its group did not let an exchange through");
    EXPECT_EQ(injection.reached(), v1::INJECTION_STATE_ARMED);
  }
}

struct Wrong {
  std::string_view group;
  std::string_view path;
  std::string_view words;
};

constexpr Wrong kWrong[] = {
    {"group { name: 'g' rules: ['A', 'BB'] mode: GROUP_MODE_ORDERED }", "group[0].rules[1]",
     "did you mean `B`"},
    {"group { name: 'g' rules: ['A', 'A'] mode: GROUP_MODE_ORDERED }", "group[0].rules[1]",
     "member already"},
    {"group { name: 'g' rules: ['A'] mode: GROUP_MODE_ORDERED }", "group[0].rules", "two members"},
    {"group { name: 'g' rules: ['A', 'P'] mode: GROUP_MODE_ORDERED } "
     "group { name: 'g' rules: ['A', 'P'] mode: GROUP_MODE_ALL_OR_LABEL }",
     "group[1].name", "two groups `g`"},
    {"group { name: 'g' rules: ['P', 'Q'] mode: GROUP_MODE_SIMULTANEOUS }", "group[0].rules[1]",
     "never meet: `P` is armed in phase `p`, and `Q` in phase `q`"},
    {"group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_AT_MOST }", "group[0]", "needs `most`"},
    {"group { name: 'g' rules: ['L', 'M'] mode: GROUP_MODE_AT_MOST most: 3 }", "group[0].most",
     "limits nothing: the members' own limits allow 3"},
    {"group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_ORDERED most: 3 }", "group[0].most",
     "at_most"},
    {"group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_ORDERED within {} }", "group[0].within",
     "says nothing"},
    {"group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_ORDERED timeout { seconds: 1 } }",
     "group[0].timeout", "rendezvous"},
    {"group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_ORDERED } "
     "group { name: 'h' rules: ['B', 'A'] mode: GROUP_MODE_ORDERED }",
     "group[0].rules[1]", "none of them can ever fire"},
    {"group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_ORDERED } "
     "group { name: 'h' rules: ['B', 'A'] mode: GROUP_MODE_RENDEZVOUS }",
     "group[1].rules[0]", "contradicts the group `g`"},
    {"group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_RENDEZVOUS } "
     "group { name: 'h' rules: ['B', 'L'] mode: GROUP_MODE_RENDEZVOUS }",
     "group[1].rules[0]", "cannot wait in two places"},
    {"group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_ALL_OR_LABEL } "
     "group { name: 'h' rules: ['A', 'B'] mode: GROUP_MODE_AT_MOST most: 1 }",
     "group[1].rules", "contradictory limits"},
    {"guard { max_injections: 1 } group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_RENDEZVOUS "
     "}",
     "group[0].rules", "guard.max_injections"},
    {"group { name: 'g' rules: ['Q', 'P'] mode: GROUP_MODE_ORDERED }", "group[0].rules[1]",
     "its phase `p` does not come after `q`"},
    {"group { name: 'g' rules: ['A', 'Z'] mode: GROUP_MODE_ALL_OR_LABEL }", "group[0].rules[1]",
     "the probability of `Z` is 0"},
    {"group { name: 'g' rules: ['A', 'W'] mode: GROUP_MODE_RENDEZVOUS }", "group[0].rules[1]",
     "waits for an injection of `A`"},
};

TEST(Groups, ThatCannotWorkAreMistakesWithTheirPlace) {
  constexpr std::string_view kMembers = R"(
    phase { name: 'p' until { calls: 1 } } phase { name: 'q' }
    rule { id: 'P' phase: 'p' fault { reset {} } } rule { id: 'Q' phase: 'q' fault { reset {} } }
    rule { id: 'L' limit: 2 fault { reset {} } } rule { id: 'M' when { nth: 4 } fault { reset {} } }
    rule { id: 'Z' when { probability: 0 } fault { reset {} } }
    rule { id: 'W' when { on { injection: 'A' } } fault { reset {} } } )";
  for (const Wrong& wrong : kWrong) {
    std::vector<Mistake> mistakes;
    const std::string text = fmt::format("{}{}{}{}", kTargets, kRules, kMembers, wrong.group);
    EXPECT_EQ(Plan::Compile(Scenario(text), 1, mistakes), nullptr) << wrong.group;
    // What the rules add up to is the guard's own matter.
    std::erase_if(mistakes,
                  [](const Mistake& mistake) { return mistake.path.starts_with("guard"); });
    ASSERT_EQ(mistakes.size(), 1u) << wrong.group;
    EXPECT_EQ(mistakes[0].path, wrong.path);
    EXPECT_NE(mistakes[0].message.find(wrong.words), std::string::npos) << mistakes[0].message;
  }
}

std::string Drawn(const std::shared_ptr<const Plan>& plan, uint32_t run) {
  World world(plan, run);
  std::string fired;
  for (const char* name : {"a", "b", "c"}) fired += Fired(world.Succeed(Call(name)));
  return fired;
}

TEST(KOfN, HasSoManyMembersInEachRunAndAllOfThemInSome) {
  const auto plan = PlanOf(
      fmt::format("{}{} rule {{ id: 'C' target: 'c' fault {{ reset {{}} }} }} "
                  "group {{ name: 'g' rules: ['A', 'B', 'C'] mode: GROUP_MODE_K_OF_N k: 2 }}",
                  kTargets, kRules));
  std::map<std::string, int> drawn;
  for (uint32_t run = 0; run < 300; ++run) ++drawn[Drawn(plan, run)];
  ASSERT_EQ(drawn.size(), 3u) << "AB, AC and BC, and nothing else";
  for (const auto& [members, runs] : drawn) {
    EXPECT_EQ(members.size(), 2u);
    EXPECT_NEAR(runs, 100, 35) << members;
  }
  EXPECT_EQ(Drawn(plan, 7), Drawn(plan, 7));
}

TEST(KOfN, SaysOfTheOthersThatTheyWereNotDrawn) {
  const auto plan = PlanOf(Pair("mode: GROUP_MODE_K_OF_N k: 1"));
  World world(plan);
  world.Succeed(Call("a"));
  world.Succeed(Call("b"));
  ASSERT_EQ(world.decider().Unreached().size(), 1u);
  EXPECT_EQ(world.decider().Unreached()[0].detail(),
            "its group (`k_of_n`) has drawn others for this run");
}

TEST(Rendezvous, OfAQuorumGoesOnWhenSoManyAreThere) {
  World world(
      fmt::format("{}{} rule {{ id: 'C' target: 'c' fault {{ reset {{}} }} }} "
                  "group {{ name: 'g' rules: ['A', 'B', 'C'] {} quorum: 2 }}",
                  kTargets, kRules, kRendezvous));
  const Begun first = world.Begin(Call("a"));
  EXPECT_EQ(Fired(first), "…A");
  EXPECT_EQ(Fired(world.Begin(Call("c"))), "C") << "two of three are enough";
  EXPECT_EQ(first.decisions[0].gate->state(), Gate::State::kOpen);
  const Begun next = world.Begin(Call("b"));
  EXPECT_EQ(Fired(next), "…B") << "the third waits for another one";
  EXPECT_EQ(Fired(world.Begin(Call("a", 2))), "A");
  EXPECT_EQ(Came(world).met(), 2u);
}

}  // namespace
}  // namespace murphy::engine
