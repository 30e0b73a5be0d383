// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/runs.h"

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "tests/runs/live_runs.h"

namespace murphy::runs {
namespace {

using RunsTest = LiveRuns;

constexpr char kHang[] = "rule { id: 'hang' fault { hang {} } }";

TEST_F(RunsTest, KnowALiveRunAnEndedOneAndNone) {
  Start("r");
  EXPECT_EQ(runs_->Find("r").found, Runs::Found::kLive);
  ASSERT_TRUE(runs_->Finish("r", absl::ZeroDuration()).ok());
  EXPECT_EQ(runs_->Find("r").found, Runs::Found::kEnded);
  EXPECT_EQ(runs_->Find("none").found, Runs::Found::kUnknown);
  EXPECT_EQ(runs_->Start({.id = "r"}).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(runs_->Start({.id = "a b"}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(runs_->Finish("default", absl::ZeroDuration()).ok());
}

TEST_F(RunsTest, RememberTheLastEndedRunsAndGiveNoIdTwice) {
  std::vector<v1::Run> ended(Runs::kMostEnded + 1);
  // Newest first, as the journal lists them.
  for (size_t i = 0; i < ended.size(); ++i) ended[i].set_id(fmt::format("r{}", ended.size() - 1 - i));
  v1::Event oldest;
  *oldest.mutable_run() = ended.back();
  ASSERT_TRUE(journal_->Append(oldest));
  ASSERT_TRUE(journal_->Flush().ok());
  Runs runs(*journal_, RouteTable(), ended);
  EXPECT_EQ(runs.Find("r0").found, Runs::Found::kUnknown);
  EXPECT_EQ(runs.Find("r1").found, Runs::Found::kEnded);
  EXPECT_EQ(runs.Start({.id = "r0"}).status().code(), absl::StatusCode::kAlreadyExists);
  ASSERT_TRUE(runs.Start({.id = "next"}).ok());
  ASSERT_TRUE(runs.Finish("next", absl::ZeroDuration()).ok());
  EXPECT_EQ(runs.Find("next").found, Runs::Found::kEnded);
  EXPECT_EQ(runs.Find("r1").found, Runs::Found::kUnknown);
  EXPECT_EQ(runs.Find("r2").found, Runs::Found::kEnded);
}

TEST_F(RunsTest, RecordWhatWasNeverReachedWhenARunEnds) {
  Start("r", kHang);
  ASSERT_TRUE(runs_->Finish("r", absl::ZeroDuration()).ok());
  ASSERT_TRUE(journal_->Flush().ok());
  const auto injections = *journal_->Injections("r");
  ASSERT_EQ(injections.size(), 1u);
  EXPECT_EQ(injections[0].state(), v1::INJECTION_STATE_NEVER_REACHED);
}

TEST_F(RunsTest, ObserveNothingUntilSomethingIsArmed) {
  const auto run = runs_->Find("default").run;
  EXPECT_FALSE(run->observed());
  const std::string fault = Arm(*run, kHang);
  EXPECT_TRUE(run->observed());
  const engine::Begun open = Begin(*run);
  EXPECT_TRUE(run->DisarmFault(fault));
  EXPECT_FALSE(run->observed()) << "at once, whatever is still open";
  EXPECT_FALSE(run->DisarmFault(fault));
  End(*run, open);
}

TEST_F(RunsTest, ADisarmedFaultLeavesARunThatIsNeverIdle) {
  const auto run = Start("r");
  engine::Begun open = Begin(*run, {.arguments = "[0]"});
  for (int n = 1; n <= 50; ++n) {
    EXPECT_TRUE(run->DisarmFault(Arm(*run, "rule { id: 'slow' fault { latency { fixed {} } } }")));
    engine::Begun next = Begin(*run, {.arguments = fmt::format("[{}]", n)});
    EXPECT_TRUE(next.decisions.empty());
    End(*run, open);
    open = std::move(next);
  }
  EXPECT_TRUE(run->Armed().empty());
  End(*run, open);
}

TEST_F(RunsTest, LetTimePassOnlyForThoseThatItIsDueFor) {
  const auto run = Start("r", "guard { max_duration { nanos: 1 } } " + std::string(kHang));
  Start("idle", kHang);
  Start("bare");
  const auto over = runs_->Pass();
  ASSERT_EQ(over.size(), 1u);
  EXPECT_EQ(over[0], run);
  EXPECT_NE(run->disarm_reason(), "");
  EXPECT_TRUE(runs_->Pass().empty()) << "it ends once";
}

TEST_F(RunsTest, LetFaultsGoWhoseTimeIsUp) {
  const auto run = Start("r");
  const engine::Begun before = Begin(*run);
  Arm(*run, kHang, absl::Nanoseconds(1));
  const std::string stays = Arm(*run, "rule { id: 'slow' fault { latency { fixed {} } } }");
  runs_->Pass();
  ASSERT_EQ(run->Armed().size(), 1u);
  EXPECT_EQ(run->Armed()[0].id, stays);
  EXPECT_EQ(Acting(Exchange(*run, {.arguments = "[2]"})), "slow");
  End(*run, before);
}

TEST_F(RunsTest, FindAGateOpenOrGivenUpWhenItsTimeIsUp) {
  const auto run = Start("r", R"(
    target { key: 'a' value { name: 'shop.a' } } target { key: 'b' value { name: 'shop.b' } }
    rule { id: 'A' target: 'a' fault { reset {} } } rule { id: 'B' target: 'b' fault { reset {} } }
    group { name: 'g' rules: ['A', 'B'] mode: GROUP_MODE_RENDEZVOUS timeout { nanos: 1 } })");
  int woken = 0;
  runs_->OnRelease([&](const runs::Run&) { ++woken; });
  const engine::Begun begun = Begin(*run, {.name = "shop.a"});
  const engine::Gate& gate = *begun.decisions[0].gate;
  EXPECT_EQ(gate.state(), engine::Gate::State::kWaiting);
  runs_->Pass();
  EXPECT_EQ(gate.state(), engine::Gate::State::kGivenUp);
  EXPECT_EQ(woken, 1);
  End(*run, begun);
}

TEST_F(RunsTest, AHaltReleasesWhatIsHeldAndAResumeArmsAgain) {
  const auto run = Start("r", kHang);
  const engine::Begun begun = Begin(*run);
  run->held = 1;
  EXPECT_TRUE(run->MayHold(begun.decisions[0].leash.get()));
  EXPECT_EQ(runs_->Halt(), 1u);
  EXPECT_FALSE(run->MayHold(begun.decisions[0].leash.get()));
  EXPECT_FALSE(run->MayHold(nullptr));
  EXPECT_EQ(Acting(Exchange(*run, {.arguments = "[2]"})), "");
  EXPECT_EQ(Acting(Exchange(*Start("late", kHang))), "") << "one that starts meanwhile";
  runs_->Resume();
  EXPECT_EQ(Acting(Exchange(*run, {.arguments = "[3]"})), "hang");
  run->Disarm(v1::DISARM_CAUSE_LEASE, "the lease ran out");
  runs_->Halt();
  runs_->Resume();
  EXPECT_EQ(run->disarm_reason(), "the lease ran out");
  EXPECT_EQ(Acting(Exchange(*run, {.arguments = "[4]"})), "");
  End(*run, begun);
}

TEST_F(RunsTest, CanariesAreSeenOnceTheyArePlanted) {
  const auto run = Start("r");
  EXPECT_TRUE(run->CanariesIn("canary-1").empty());
  run->AddCanary("canary-1");
  EXPECT_EQ(run->CanariesIn("…canary-1…"), std::vector<std::string>({"canary-1"}));
}

}  // namespace
}  // namespace murphy::runs
