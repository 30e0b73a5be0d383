// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "fmt/format.h"
#include "tests/runs/live_runs.h"

namespace murphy::runs {
namespace {

using ExchangesTest = LiveRuns;

constexpr char kDown[] = "rule { id: 'down' fault { status { code: 503 } } }";
constexpr char kSlow[] = "rule { id: 'slow' fault { latency { fixed { seconds: 1 } } } }";

Shot Distinct(int n) { return {.arguments = fmt::format("[{}]", n)}; }

TEST_F(ExchangesTest, AreRecordedWithWhatTheEngineWasTold) {
  const auto run = Start("r", kDown);
  EXPECT_EQ(Acting(Exchange(*run, {}, {.failed = true, .status = 503, .tokens = 7})), "down");
  const auto recorded = Recorded("r");
  ASSERT_EQ(recorded.size(), 1u);
  EXPECT_EQ(recorded[0].address(), "-/tool:shop.pay/{}#1@1");
  EXPECT_EQ(recorded[0].input().begin_step(), 1u);
  EXPECT_EQ(recorded[0].input().end_step(), 2u);
  EXPECT_EQ(recorded[0].input().tokens(), 7u);
}

TEST_F(ExchangesTest, AreConcludedOnceAndBeforeTheyAreOver) {
  const auto run = Start("r");
  const engine::Begun first = Begin(*run);
  run->Conclude(first.sequence, {.failed = true, .status = 503});
  EXPECT_EQ(Begin(*run).attempt, 2u) << "the failure is known already";
  End(*run, first, {.status = 200, .tokens = 9});
  EXPECT_EQ(Recorded("r")[0].input().status(), 503u) << "the first word counts";
}

TEST_F(ExchangesTest, OfAllPlansAreRecognisedOnce) {
  const auto run = Start("r");
  Exchange(*run, {}, {.failed = true});
  Arm(*run, "rule { id: 'second' attempts: [2, 2] fault { status { code: 500 } } }");
  const engine::Begun again = Begin(*run);
  EXPECT_EQ(again.attempt, 2u);
  EXPECT_EQ(Acting(again), "second") << "a fault that came later knows what came before it";
}

TEST_F(ExchangesTest, HaveOneTerminalFaultThatTheScenarioNames) {
  const auto run = Start("r", kDown);
  Arm(*run, "rule { id: 'other' fault { reset {} } }");
  Arm(*run, kSlow);
  const engine::Begun begun = Begin(*run);
  EXPECT_EQ(Acting(begun), "slow down");
  const engine::Decision& masked = begun.decisions.back();
  EXPECT_EQ(masked.rule->id, "other");
  EXPECT_EQ(masked.state, v1::INJECTION_STATE_MASKED);
  EXPECT_TRUE(masked.outranked);
  EXPECT_EQ(begun.decisions[0].injection, 1u);
  EXPECT_EQ(masked.injection, 3u) << "numbers are the run's";
}

TEST_F(ExchangesTest, KeepThePlanThatTheyBeganWith) {
  const auto run = Start("r");
  const std::string fault = Arm(*run, kSlow);
  const engine::Begun begun = Begin(*run);
  EXPECT_TRUE(run->MayHold(begun.decisions[0].leash.get()));
  EXPECT_TRUE(run->DisarmFault(fault));
  EXPECT_FALSE(run->MayHold(begun.decisions[0].leash.get()));
  EXPECT_EQ(begun.decisions[0].rule->id, "slow") << "it is still there";
  End(*run, begun);
  EXPECT_EQ(Recorded("r").size(), 1u);
}

TEST_F(ExchangesTest, AreWaitedForWhenARunEnds) {
  const auto run = Start("r");
  const engine::Begun begun = Begin(*run);
  EXPECT_FALSE(run->WaitIdle(absl::ZeroDuration()));
  std::thread agent([&] { End(*run, begun); });
  EXPECT_TRUE(run->WaitIdle(absl::Seconds(30)));
  agent.join();
}

TEST_F(ExchangesTest, WhoseAgentIsGoneAreTriedAgainAndNotInParallel) {
  const auto run = Start("r");
  const engine::Begun first = Begin(*run);
  EXPECT_EQ(Begin(*run).attempt, 1u) << "a parallel call";
  run->Gone(first.sequence);
  const engine::Begun again = Begin(*run);
  EXPECT_EQ(again.operation, first.operation);
  EXPECT_EQ(again.attempt, 2u);
  EXPECT_EQ(again.layer, v1::ATTEMPT_LAYER_APPLICATION);
  End(*run, first, {.end = v1::END_STATE_AGENT_LEFT, .failed = true});
  EXPECT_EQ(Begin(*run).attempt, 1u) << "what is known of the first says nothing of the second";
  run->Gone(4711);
}

TEST_F(ExchangesTest, OfManyThreadsHaveNumbersAndRecordsOfTheirOwn) {
  constexpr int kThreads = 4, kEach = 100;
  const auto run = Start("r", "guard { max_injections: 1000 } " + std::string(kSlow));
  std::vector<std::thread> agents;
  for (int agent = 0; agent < kThreads; ++agent) {
    agents.emplace_back([&, agent] {
      for (int n = 0; n < kEach; ++n) {
        Exchange(*run, Distinct(agent * kEach + n));
        if (n % 10 != 0) continue;
        EXPECT_TRUE(run->DisarmFault(Arm(*run, kSlow)));
      }
    });
  }
  for (std::thread& agent : agents) agent.join();
  const auto recorded = Recorded("r");
  ASSERT_EQ(recorded.size(), static_cast<size_t>(kThreads * kEach));
  for (size_t i = 0; i < recorded.size(); ++i) EXPECT_EQ(recorded[i].sequence(), i + 1);
}

}  // namespace
}  // namespace murphy::runs
