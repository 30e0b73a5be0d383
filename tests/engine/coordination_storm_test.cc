// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "fmt/format.h"
#include "tests/engine/schedules.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

// Phases, groups and causes as somebody might write them who never looks back.
class Careless {
 public:
  explicit Careless(uint64_t seed) : random_(seed) {}

  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  std::string Phase() { return fmt::format("p{}", Below(4)); }
  std::string Rule() { return fmt::format("r{}", Below(5)); }

  v1::Scenario Write() {
    v1::Scenario scenario = Scenario("");
    (*scenario.mutable_target())["x"].add_name("shop.x");
    const uint32_t phases = Below(4);
    for (uint32_t i = 0; i < phases; ++i) Fill(*scenario.add_phase(), i);
    for (uint32_t i = 0; i < 4; ++i) {
      v1::Rule& rule = *scenario.add_rule();
      rule.set_id(fmt::format("r{}", i));
      if (Below(3) == 0) rule.set_phase(Phase());
      if (Below(3) == 0) rule.add_target("x");
      if (Below(2) == 0) rule.mutable_when()->set_cause(Below(8) == 0 ? "d" : "c");
      if (Below(3) == 0) rule.mutable_intensity()->mutable_ramp()->mutable_over()->set_calls(3);
      if (Below(2) == 0) {
        rule.mutable_fault()->mutable_reset();
      } else {
        rule.mutable_fault()->mutable_latency()->mutable_fixed();
      }
    }
    const uint32_t groups = Below(3);
    for (uint32_t i = 0; i < groups; ++i) Fill(*scenario.add_group(), i);
    v1::Cause& cause = (*scenario.mutable_cause())["c"];
    if (Below(2) == 0) {
      cause.mutable_markov()->set_p_on(Below(3) / 2.0);
    } else {
      cause.mutable_on()->set_response(v1::RESPONSE_CLASS_FAILURE);
    }
    return scenario;
  }

 private:
  void Fill(v1::Phase& phase, uint32_t i) {
    phase.set_name(fmt::format("p{}", i));
    if (Below(2) == 0) phase.add_until()->set_calls(Below(3));
    if (Below(4) == 0) phase.add_until()->set_calls(Below(3));
    if (Below(3) == 0) phase.mutable_duration()->set_nanos(static_cast<int32_t>(Below(3)));
    if (Below(3) == 0) phase.set_next(Phase());
    if (Below(4) == 0) phase.mutable_enter()->set_calls(Below(4));
    if (Below(4) == 0) phase.mutable_until_on()->set_injection(Rule());
    if (Below(4) == 0) phase.mutable_enter_on()->set_call(v1::CALL_MOMENT_BEGINS);
  }
  void Fill(v1::Group& group, uint32_t i) {
    group.set_name(fmt::format("g{}", i));
    const uint32_t members = 1 + Below(3);
    for (uint32_t m = 0; m < members; ++m) group.add_rules(Rule());
    group.set_mode(static_cast<v1::GroupMode>(1 + Below(6)));
    if (Below(2) == 0) group.set_most(1 + Below(3));
    if (Below(2) == 0) group.set_k(1 + Below(2));
    if (Below(2) == 0) group.set_on_timeout(static_cast<v1::OnTimeout>(Below(4)));
  }

  std::mt19937_64 random_;
};

void Play(std::shared_ptr<const Plan> plan, uint64_t seed) {
  std::mt19937_64 random(seed);
  World world(std::move(plan));
  std::map<uint64_t, std::shared_ptr<const Gate>> waiting;
  for (const Event& event : RandomEvents(random)) {
    world.now = event.now * 20;
    if (event.finish > 0) {
      world.Finish(event.finish, event.ending);
      waiting.erase(event.finish);
      continue;
    }
    const Begun begun = world.Begin(event.shot);
    for (const Decision& decision : begun.decisions) {
      EXPECT_EQ(decision.gate != nullptr, decision.state == v1::INJECTION_STATE_MATCHED);
      if (decision.gate != nullptr) waiting[begun.sequence] = decision.gate;
    }
    // What is in flight and waits, waits no longer than it may.
    for (const auto& [sequence, gate] : waiting) {
      EXPECT_TRUE(gate->state() != Gate::State::kWaiting || gate->deadline() > world.now);
    }
    EXPECT_TRUE(world.decider().broken().empty() || !world.decider().disarm_reason().empty());
  }
}

TEST(CoordinationStorm, IsRefusedInWordsOrPlayedToItsEnd) {
  size_t refused = 0, played = 0;
  for (uint64_t seed = 0; seed < 20'000; ++seed) {
    const v1::Scenario scenario = Careless(seed).Write();
    std::vector<Mistake> mistakes;
    const auto plan = Plan::Compile(scenario, seed, mistakes);
    ASSERT_EQ(plan == nullptr, !mistakes.empty());
    for (const Mistake& mistake : mistakes) EXPECT_FALSE(mistake.path.empty());
    ++(plan == nullptr ? refused : played);
    if (plan != nullptr) Play(plan, seed);
  }
  EXPECT_GT(refused, 1000u);
  EXPECT_GT(played, 300u);
}

}  // namespace
}  // namespace murphy::engine
