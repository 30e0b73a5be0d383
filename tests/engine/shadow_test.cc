// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

constexpr std::string_view kRule =
    "rule { id: 'r' when { probability: 0.3 } fault { reset {} } } "
    "rule { id: 's' fault { latency { fixed {} } } } ";

Shot Distinct(int n) { return {.arguments = fmt::format("[{}]", n)}; }

World Shadow(std::string_view scenario, uint32_t run_index = 0) {
  return World(PlanOf(scenario), run_index, absl::ZeroDuration(), v1::ARM_SHADOW);
}

TEST(Shadow, DecidesWhatTheTreatmentDecides) {
  for (uint32_t index = 0; index < 20; ++index) {
    World treatment(PlanOf(kRule), index);
    World shadow = Shadow(kRule, index);
    for (int n = 0; n < 10; ++n) {
      const Begun one = treatment.Succeed(Distinct(n)), other = shadow.Succeed(Distinct(n));
      EXPECT_EQ(one.address, other.address);
      ASSERT_EQ(one.decisions.size(), other.decisions.size());
      for (size_t i = 0; i < one.decisions.size(); ++i) {
        EXPECT_EQ(one.decisions[i].rule->id, other.decisions[i].rule->id);
        EXPECT_EQ(one.decisions[i].injection, other.decisions[i].injection);
        EXPECT_FALSE(one.decisions[i].shadow);
        EXPECT_TRUE(other.decisions[i].shadow);
        EXPECT_EQ(other.decisions[i].state, v1::INJECTION_STATE_WOULD_FIRE);
      }
    }
  }
}

TEST(Shadow, IsExactUpToTheFirstExchangeThatWouldBeInjected) {
  World world = Shadow(
      "rule { id: 'a' when { between: [2, 3] } fault { reset {} } } "
      "rule { id: 'b' when { nth: 2 } fault { latency { fixed {} } } } ");
  std::string exact;
  for (int n = 0; n < 3; ++n) {
    for (const Decision& decision : world.Succeed(Distinct(n)).decisions)
      exact += fmt::format("{}{} ", decision.rule->id, decision.approximate ? "~" : "=");
  }
  EXPECT_EQ(exact, "b= a= a~ ");
}

TEST(Shadow, CountsForPhasesLimitsAndGuards) {
  World world = Shadow(R"(
    guard { max_injections: 3 }
    phase { name: 'p' until { injections: 2 } } phase { name: 'q' }
    rule { id: 'P' phase: 'p' fault { reset {} } } rule { id: 'Q' phase: 'q' fault { reset {} } })");
  std::string log;
  for (int n = 0; n < 5; ++n) log += Fired(world.Succeed(Distinct(n)));
  EXPECT_EQ(log, "~P~P~Q");
  EXPECT_NE(world.decider().disarm_reason(), "");
}

TEST(Shadow, HoldsNothingSoThatAParallelCallIsNoRetry) {
  const std::string hang = "rule { id: 'h' fault { hang {} } }";
  World treatment(hang), shadow = Shadow(hang);
  for (World* world : {&treatment, &shadow}) {
    world->Begin();
    world->now = absl::Seconds(1);
  }
  EXPECT_EQ(treatment.Begin().attempt, 2u);
  EXPECT_EQ(shadow.Begin().attempt, 1u);
}

TEST(Shadow, MeetsCallsThatTreatmentWouldHold) {
  const std::string scenario = R"(
    target { key: 'a' value { name: 'shop.a' } } target { key: 'b' value { name: 'shop.b' } }
    rule { id: 'A' target: 'a' fault { reset {} } } rule { id: 'B' target: 'b' fault { reset {} } }
    group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_RENDEZVOUS })";
  World apart = Shadow(scenario), late = Shadow(scenario), together = Shadow(scenario);
  const Begun early = apart.Succeed({.name = "shop.a"});
  EXPECT_EQ(Fired(early), "…A");
  EXPECT_EQ(Fired(apart.Succeed({.name = "shop.b"})), "~B") << "it would still be held";
  EXPECT_EQ(early.decisions[0].gate->state(), Gate::State::kOpen);
  EXPECT_EQ(Fired(late.Succeed({.name = "shop.a"})), "…A");
  late.now = absl::Seconds(5);
  EXPECT_EQ(Fired(late.Succeed({.name = "shop.b"})), "…B") << "its patience is over";
  const Begun a = together.Begin({.name = "shop.a"});
  EXPECT_EQ(Fired(together.Begin({.name = "shop.b"})), "~B");
  EXPECT_EQ(a.decisions[0].gate->state(), Gate::State::kOpen);
}

}  // namespace
}  // namespace murphy::engine
