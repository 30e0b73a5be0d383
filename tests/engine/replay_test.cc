// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/replay.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>

#include "absl/strings/str_join.h"
#include "daemon/engine/address.h"
#include "fmt/format.h"
#include "tests/engine/schedules.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

// What a record is after it has been written and read.
template <typename Message>
Message Stored(const Message& message) {
  Message stored;
  EXPECT_TRUE(stored.ParseFromString(message.SerializeAsString()));
  return stored;
}

// A run that is recorded as the journal records it.
class Recorder {
 public:
  Recorder(std::shared_ptr<const Plan> plan, uint32_t run_index, v1::Arm arm,
           absl::Duration armed_at = absl::ZeroDuration())
      : world_(plan, run_index, armed_at, arm) {
    recorded_ = {.plan = std::move(plan), .run_index = run_index, .arm = arm};
  }

  // Before anything happens.
  void Continue(std::vector<v1::RuleCounts> counts, uint64_t injections) {
    decider().Continue(counts, injections);
    recorded_.counts_before = std::move(counts);
    recorded_.injections_before = injections;
  }

  World& world() { return world_; }
  Decider& decider() { return world_.decider(); }

  void Begin(const Shot& shot) {
    const Begun begun = world_.Begin(shot);
    const message::Call call = CallOf(shot);
    v1::Exchange& exchange = open_[begun.sequence];
    exchange.set_sequence(begun.sequence);
    exchange.set_address(begun.address);
    exchange.mutable_targets()->Add(begun.targets.begin(), begun.targets.end());
    exchange.set_kind(call.kind);
    exchange.set_name(call.name);
    exchange.set_provider(call.provider);
    exchange.set_route(shot.route);
    exchange.set_agent(shot.agent);
    exchange.set_attempt(begun.attempt);
    exchange.set_attempt_layer(begun.layer);
    exchange.set_operation(begun.operation);
    exchange.set_repeat(begun.repeat);
    exchange.set_revision(begun.revision);
    exchange.set_unclassified(call.unclassified);
    for (const Decision& decision : begun.decisions) {
      if (decision.gate != nullptr) gates_.push_back(decision.gate);
      if (decision.state == v1::INJECTION_STATE_UNSPECIFIED) continue;
      v1::Injection injection;
      injection.set_id(recorded_.decided.size() + 1);
      injection.set_exchange(begun.sequence);
      injection.set_rule(decision.rule->id);
      injection.set_fault(decision.variant->fault_name);
      injection.set_address(fmt::format("{}!{}", begun.address, LegOf(decision.fault().stage())));
      injection.set_state(decision.state);
      injection.set_approximate(decision.approximate);
      const Scope scope{.state = decision.exchange_state.get(),
                        .draw = decision.draw,
                        .now = world_.Time(),
                        .elapsed = decision.elapsed};
      injection.set_parameters(decision.fault().Parameters(scope));
      recorded_.decided.push_back(Stored(injection));
    }
  }

  void Finish(uint64_t sequence, const Ending& ending) {
    std::optional<v1::ExchangeInput> input = world_.Finish(sequence, ending);
    ASSERT_TRUE(input.has_value());
    v1::Exchange& exchange = open_[sequence];
    *exchange.mutable_input() = *std::move(input);
    recorded_.exchanges.push_back(Stored(exchange));
    open_.erase(sequence);
  }

  void Succeed(const Shot& shot, const Ending& ending = {.status = 200}) {
    Begin(shot);
    Finish(open_.rbegin()->first, ending);
  }

  void Expire() {
    if (!gates_.empty()) decider().Expire(*gates_.back(), world_.Time());
  }

  // Of a run whose exchanges have all ended.
  Recorded Take() {
    EXPECT_TRUE(open_.empty());
    for (const v1::EngineStep& step : decider().TakeSteps())
      recorded_.steps.push_back(Stored(step));
    return recorded_;
  }

 private:
  World world_;
  Recorded recorded_;
  std::map<uint64_t, v1::Exchange> open_;
  std::vector<std::shared_ptr<const Gate>> gates_;
};

// Something that happens to a run besides its exchanges, before the next one at `next`; now and
// then by a clock that is ahead of the next one's: clocks are read before the run is asked.
void Disturb(std::mt19937_64& random, absl::Duration next, Recorder& recorder) {
  World& world = recorder.world();
  const absl::Duration pause = std::max(next - world.now, absl::Milliseconds(1));
  world.now += pause * static_cast<int64_t>(random() % 100) / 100;
  if (random() % 4 == 0) world.now = next + absl::Milliseconds(random() % 100);
  const uint64_t kind = random() % 40;
  if (kind < 20) {
    recorder.decider().Pass(world.Time());
  } else if (kind < 30) {
    recorder.decider().PassToEnd(world.Time());
  } else if (kind < 36) {
    recorder.Expire();
  } else if (kind == 36) {
    recorder.decider().Disarm("halted");
  } else {
    recorder.decider().Rearm();
  }
}

// What runs before this one may have counted.
std::vector<v1::RuleCounts> RandomCounts(const Plan& plan, std::mt19937_64& random) {
  std::vector<v1::RuleCounts> counts;
  for (const Rule& rule : plan.rules()) {
    if (rule.spec.count_per() != "experiment") continue;
    v1::RuleCounts& count = counts.emplace_back();
    count.set_rule(rule.id);
    count.add_numbers(random() % 3);
  }
  return counts;
}

struct Made {
  v1::Scenario scenario;
  Recorded recorded;
};

// Nullopt: the scenario has mistakes.
std::optional<Made> RandomRecord(std::mt19937_64& random) {
  Made made{.scenario = RandomScenario(random)};
  std::vector<Mistake> mistakes;
  auto plan = Plan::Compile(made.scenario, random(), mistakes);
  if (plan == nullptr) return std::nullopt;
  const v1::Arm arm = random() % 4 == 0 ? v1::ARM_SHADOW : v1::ARM_TREATMENT;
  const absl::Duration armed_at = absl::Milliseconds(random() % 3 == 0 ? random() % 5000 : 0);
  Recorder recorder(plan, static_cast<uint32_t>(random() % 4), arm, armed_at);
  recorder.Continue(RandomCounts(*plan, random), random() % 8);
  for (const Event& event : RandomEvents(random)) {
    const absl::Duration next = armed_at + event.now;
    while (random() % 2 == 0) Disturb(random, next, recorder);
    recorder.world().now = next;
    event.finish > 0 ? recorder.Finish(event.finish, event.ending) : recorder.Begin(event.shot);
  }
  made.recorded = recorder.Take();
  return made;
}

std::string Said(const Replayed& replayed) { return absl::StrJoin(replayed.differences, "\n"); }

TEST(Replay, OfARecordGivesTheSameDecisions) {
  constexpr int kRecords = 10'000;
  std::mt19937_64 random(20260202);
  uint64_t injections = 0, steps = 0;
  for (int made = 0; made < kRecords;) {
    const std::optional<Made> record = RandomRecord(random);
    if (!record.has_value()) continue;
    ++made;
    const Recorded& recorded = record->recorded;
    const Replayed replayed = Replay(recorded);
    ASSERT_EQ(Said(replayed), "") << "record " << made << "\n" << record->scenario.DebugString();
    EXPECT_EQ(replayed.exchanges, recorded.exchanges.size());
    EXPECT_EQ(replayed.injections, recorded.decided.size());
    injections += replayed.injections;
    steps += recorded.steps.size();
  }
  EXPECT_GT(injections, 2 * kRecords) << "records in which nothing happens prove nothing";
  EXPECT_GT(steps, kRecords);
}

// Differences without the n-th of the steps that had no exchange.
uint64_t DifferencesWithout(Recorded recorded, size_t step) {
  EXPECT_EQ(Replay(recorded).difference_count, 0);
  EXPECT_LT(step, recorded.steps.size());
  recorded.steps[step].set_kind(v1::ENGINE_STEP_KIND_UNSPECIFIED);
  return Replay(recorded).difference_count;
}

TEST(Replay, NeedsTheTimeAtWhichASilenceWasNoticed) {
  Recorder recorder(PlanOf(R"(
    phase { name: 'p' until_on { silence { seconds: 2 } } }
    phase { name: 'q' duration { seconds: 5 } }
    rule { id: 'r' phase: 'q' fault { reset {} } })"),
                    0, v1::ARM_TREATMENT);
  recorder.Succeed({.arguments = "[0]"});
  recorder.world().now = absl::Seconds(3);
  recorder.decider().Pass(recorder.world().Time());
  recorder.decider().Pass(recorder.world().Time());
  // By then the phase that began with the silence is over.
  recorder.world().now = absl::Milliseconds(8500);
  recorder.Succeed({.arguments = "[1]"});
  const Recorded recorded = recorder.Take();
  ASSERT_EQ(recorded.steps.size(), 1) << "what changes nothing is not recorded";
  EXPECT_TRUE(recorded.decided.empty());
  EXPECT_EQ(DifferencesWithout(recorded, 0), 1);
}

TEST(Replay, NeedsTheTimeAtWhichAPhaseWasLookedAt) {
  Recorder recorder(PlanOf(R"(
    phase { name: 'p' duration { seconds: 3 } }
    phase { name: 'q' until_on { silence { seconds: 4 } } }
    phase { name: 's' }
    rule { id: 'r' phase: 's' fault { reset {} } })"),
                    0, v1::ARM_TREATMENT);
  recorder.Succeed({.arguments = "[0]"});
  for (const int millis : {3500, 4500}) {
    recorder.world().now = absl::Milliseconds(millis);
    recorder.decider().PassToEnd(recorder.world().Time());
  }
  recorder.world().now = absl::Seconds(10);
  recorder.Succeed({.arguments = "[1]"});
  const Recorded recorded = recorder.Take();
  ASSERT_EQ(recorded.decided.size(), 1);
  EXPECT_EQ(DifferencesWithout(recorded, 0), 1);
}

TEST(Replay, NeedsTheTimeAtWhichAGroupFired) {
  Recorder recorder(PlanOf(R"(
    target { key: 'a' value { name: 'a' } } target { key: 'b' value { name: 'b' } }
    rule { id: 'a' target: 'a' fault { reset {} } }
    rule { id: 'b' target: 'b' fault { reset {} } }
    rule { id: 'late' fault { latency { fixed {} } }
           when { on { injection: 'a' within { time { seconds: 2 } } } } }
    group { name: 'g' rules: 'a' rules: 'b' mode: GROUP_MODE_RENDEZVOUS timeout { seconds: 1 }
            on_timeout: ON_TIMEOUT_FIRE })"),
                    0, v1::ARM_TREATMENT);
  recorder.Begin({.name = "a"});
  recorder.world().now = absl::Seconds(1);
  recorder.Expire();
  recorder.world().now = absl::Seconds(4);
  recorder.Succeed({.name = "c"});
  recorder.Finish(1, {.status = 200});
  const Recorded recorded = recorder.Take();
  ASSERT_EQ(recorded.decided.size(), 1) << "the group fired too long ago";
  EXPECT_EQ(DifferencesWithout(recorded, 0), 1);
}

TEST(Replay, NeedsWhatControlDid) {
  Recorder recorder(PlanOf("rule { id: 'r' fault { reset {} } }"), 0, v1::ARM_TREATMENT,
                    absl::Seconds(5));
  recorder.decider().Disarm("halted");
  recorder.decider().Disarm("halted again");
  recorder.Succeed({.arguments = "[0]"});
  recorder.decider().Rearm();
  recorder.decider().Rearm();
  recorder.Succeed({.arguments = "[1]"});
  const Recorded recorded = recorder.Take();
  ASSERT_EQ(recorded.steps.size(), 3);
  EXPECT_EQ(recorded.steps[0].kind(), v1::ENGINE_STEP_KIND_ARM);
  EXPECT_EQ(DifferencesWithout(recorded, 1), 1);
  EXPECT_EQ(DifferencesWithout(recorded, 2), 1);
}

constexpr std::string_view kScenario = R"(
  target { key: 'pay' value { name: 'shop.pay' } }
  rule { id: 'odd' target: 'pay' when { where { pointer: '/0' matches: '[13579]' } }
         fault { latency { fixed {} } } }
  rule { id: 'dice' when { probability: 0.5 } fault { status { code: 500 } } }
  rule { id: 'limit' fault { rate_limit { requests_per_minute: 3 } } })";

Recorded Example() {
  Recorder recorder(PlanOf(kScenario), 0, v1::ARM_TREATMENT);
  for (int n = 0; n < 8; ++n) {
    recorder.world().now += absl::Seconds(1);
    recorder.Succeed({.arguments = fmt::format("[{}]", n)});
  }
  return recorder.Take();
}

TEST(Replay, TakesFromTheRecordWhatCannotBeReadAgain) {
  Recorded recorded = Example();
  const Replayed replayed = Replay(recorded);
  EXPECT_EQ(Said(replayed), "");
  EXPECT_EQ(replayed.exchanges, 8);
  EXPECT_EQ(replayed.injections, recorded.decided.size());
  recorded.exchanges[1].mutable_input()->clear_held();
  EXPECT_EQ(Said(Replay(recorded)),
            "Exchange 2 (-/tool:shop.pay/{}#2@1): rule `odd` fires in the record; decided again, "
            "it does nothing.");
}

TEST(Replay, NamesAnInjectionThatIsMissing) {
  Recorded recorded = Example();
  const v1::Injection gone = recorded.decided.front();
  recorded.decided.erase(recorded.decided.begin());
  EXPECT_EQ(Said(Replay(recorded)),
            fmt::format("Exchange {0} (-/tool:shop.pay/{{}}#{0}@1): rule `{1}` fires when it is "
                        "decided again; the record has nothing of it.",
                        gone.exchange(), gone.rule()));
}

TEST(Replay, NoticesEveryFieldOfAnInjectionThatIsChanged) {
  const Recorded whole = Example();
  const auto changed = [&](auto change) {
    Recorded recorded = whole;
    change(recorded.decided.front());
    return Replay(recorded).difference_count;
  };
  EXPECT_EQ(changed([](v1::Injection& one) { one.set_rule("other"); }), 2);
  EXPECT_EQ(changed([](v1::Injection& one) { one.set_fault("reset"); }), 1);
  EXPECT_EQ(changed([](v1::Injection& one) { one.set_exchange(99); }), 2);
  EXPECT_EQ(changed([](v1::Injection& one) { one.set_address("elsewhere"); }), 1);
  EXPECT_EQ(changed([](v1::Injection& one) { one.set_approximate(true); }), 1);
  EXPECT_EQ(changed([](v1::Injection& one) { one.set_state(v1::INJECTION_STATE_MASKED); }), 1);
  EXPECT_EQ(changed([](v1::Injection& one) { one.set_parameters("{}"); }), 1) << "what was drawn";
}

TEST(Replay, ComparesUpToAStepThatIsMissing) {
  Recorded recorded = Example();
  recorded.exchanges.erase(recorded.exchanges.begin() + 5);
  const Replayed replayed = Replay(recorded);
  EXPECT_EQ(replayed.exchanges, 5);
  EXPECT_EQ(Said(replayed),
            "Step 11 of the engine is not in the record, once and in its place: something of the "
            "run was still open, removed or lost.");
}

TEST(Replay, LeavesOtherPlansOut) {
  Recorded recorded = Example();
  recorded.decided.emplace_back();
  recorded.decided.back().set_rule("odd");
  recorded.decided.back().set_exchange(1);
  recorded.decided.back().set_one_off(true);
  // What this plan decided, and another one had already done.
  v1::Injection& outdone = recorded.decided.front();
  outdone.set_state(v1::INJECTION_STATE_MASKED);
  outdone.set_outranked(true);
  const Replayed replayed = Replay(recorded);
  EXPECT_EQ(Said(replayed), "");
  EXPECT_EQ(replayed.one_off, 1);
}

TEST(Replay, BoundsWhatItSays) {
  Recorder recorder(PlanOf("rule { id: 'r' fault { reset {} } }"), 0, v1::ARM_TREATMENT);
  for (int n = 0; n < 150; ++n) recorder.Succeed({.arguments = fmt::format("[{}]", n)});
  Recorded recorded = recorder.Take();
  recorded.decided.clear();
  const Replayed replayed = Replay(recorded);
  EXPECT_EQ(replayed.difference_count, 150);
  EXPECT_EQ(replayed.differences.size(), Replayed::kMostDifferences);
}

TEST(Replay, StandsARecordThatMakesNoSense) {
  Recorded recorded = Example();
  for (v1::Exchange& exchange : recorded.exchanges) {
    exchange.add_targets("nobody");
    exchange.mutable_input()->add_held(4'000'000'000);
    exchange.mutable_input()->add_recoveries()->add_of(4'000'000'000);
    exchange.mutable_input()->set_begin_nanos(INT64_MIN);
    exchange.mutable_input()->set_end_nanos(INT64_MAX);
    exchange.set_kind(static_cast<v1::TargetKind>(77));
  }
  EXPECT_GE(Replay(recorded).difference_count, recorded.exchanges.size());
  for (v1::Exchange& exchange : recorded.exchanges) exchange.clear_targets();
  EXPECT_GT(Replay(recorded).difference_count, 0);
}

}  // namespace
}  // namespace murphy::engine
