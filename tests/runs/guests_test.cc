// SPDX-License-Identifier: Apache-2.0
#include "tests/runs/live_runs.h"

namespace murphy::runs {
namespace {

// Plans that ride on the traffic of a run.
using GuestsTest = LiveRuns;

constexpr char kTargets[] =
    "target { key: 'backup' value { model: 'claude-*' fallback_for: 'first' } } "
    "target { key: 'first' value { model: 'gpt-*' } } ";
constexpr char kDown[] = "rule { id: 'down' when { first: 1 } fault { status { code: 503 } } } ";

v1::Injection Delivered(const engine::Begun& begun) {
  v1::Injection injection;
  injection.set_id(begun.decisions[0].injection);
  injection.set_exchange(begun.sequence);
  injection.set_rule(begun.decisions[0].rule->id);
  injection.set_address(begun.address + "!request");
  injection.set_state(v1::INJECTION_STATE_DELIVERED);
  return injection;
}

TEST_F(GuestsTest, SeeWhatBeginsFromNowOnUnderNumbersOfTheirOwn) {
  const auto run = Start("host");
  Exchange(*run);
  run->Admit({.id = "guest", .plan = PlanOf(kDown)});
  const engine::Begun begun = Begin(*run, {.arguments = "[2]"});
  EXPECT_EQ(Acting(begun), "down");
  EXPECT_TRUE(run->Record(Delivered(begun)));
  End(*run, begun);
  EXPECT_EQ(Recorded("host").size(), 2u);
  const auto of_guest = Recorded("guest");
  ASSERT_EQ(of_guest.size(), 1u);
  EXPECT_EQ(of_guest[0].sequence(), 1u);
  EXPECT_EQ(of_guest[0].address(), "-/tool:shop.pay/{}#2@1") << "it is the same exchange";
  EXPECT_EQ(Recorded("host")[1].injected_by(0), "guest");
  const auto injections = *journal_->Injections("guest");
  ASSERT_EQ(injections.size(), 1u);
  EXPECT_EQ(injections[0].exchange(), 1u);
  EXPECT_TRUE(journal_->Injections("host")->empty());
}

TEST_F(GuestsTest, HaveTargetsAndFallbacksOfTheirOwn) {
  const auto run = Start("host");
  run->Admit({.id = "guest", .plan = PlanOf(kTargets)});
  Exchange(*run, Model("gpt-5"), {.failed = true});
  Exchange(*run, Model("claude-4"));
  const auto of_guest = Recorded("guest");
  ASSERT_EQ(of_guest.size(), 2u);
  EXPECT_EQ(of_guest[1].targets(0), "backup");
  EXPECT_EQ(of_guest[1].fallback_of(), "-/llm:gpt-5/{}#1");
  EXPECT_EQ(Recorded("host")[1].fallback_of(), "") << "its plan says nothing of it";
}

TEST_F(GuestsTest, ThatAreDismissedHaveOpenExchangesRecordedAsLate) {
  const auto run = Start("host");
  run->Admit({.id = "guest", .plan = PlanOf(kDown)});
  const engine::Begun open = Begin(*run);
  EXPECT_EQ(run->Guest("guest")->open, 1u);
  EXPECT_TRUE(run->MayHold(open.decisions[0].leash.get()));
  run->StopGuest("guest", "enough");
  run->ReleaseGuest("guest");
  EXPECT_FALSE(run->MayHold(open.decisions[0].leash.get()));
  EXPECT_TRUE(run->Dismiss("guest").unreached.empty());
  EXPECT_FALSE(run->Guest("guest").has_value());
  EXPECT_TRUE(run->Record(Delivered(open)));
  End(*run, open);
  const auto of_guest = Recorded("guest");
  ASSERT_EQ(of_guest.size(), 1u);
  EXPECT_TRUE(of_guest[0].late());
  EXPECT_EQ(journal_->Injections("guest")->size(), 1u);
  Exchange(*run, {.arguments = "[2]"});
  EXPECT_EQ(Recorded("guest").size(), 1u);
}

TEST_F(GuestsTest, ThatAHaltStoppedStaySo) {
  const auto run = Start("host", kDown);
  run->Admit({.id = "guest", .plan = PlanOf("rule { id: 'slow' fault { latency { fixed {} } } }")});
  run->Suspend();
  EXPECT_EQ(Acting(Exchange(*run)), "");
  run->Unsuspend();
  EXPECT_EQ(Acting(Exchange(*run, {.arguments = "[2]"})), "down");
  EXPECT_EQ(run->Guest("guest")->stopped, "injections are halted");
}

}  // namespace
}  // namespace murphy::runs
