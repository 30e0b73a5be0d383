// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/backlog.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace murphy::control {
namespace {

v1::Event Numbered(uint64_t revision, size_t bytes) {
  v1::Event event;
  event.set_revision(revision);
  event.mutable_injection()->set_detail(std::string(bytes, 'x'));
  return event;
}

TEST(Backlog, GivesEventsInOrder) {
  WatchBudget budget(1 << 20);
  Backlog backlog(budget);
  for (uint64_t i = 1; i <= 3; ++i) ASSERT_EQ(backlog.Push(Numbered(i, 10)), Backlog::State::kOpen);
  v1::Event event;
  for (uint64_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(backlog.Pop(&event));
    EXPECT_EQ(event.revision(), i);
  }
  EXPECT_FALSE(backlog.Pop(&event));
  EXPECT_EQ(budget.held(), 0u);
}

TEST(Backlog, IsFullAndKeepsWhatItHas) {
  WatchBudget budget(1 << 30);
  Backlog backlog(budget);
  uint64_t taken = 0;
  while (backlog.Push(Numbered(taken + 1, 1)) == Backlog::State::kOpen) ++taken;
  EXPECT_EQ(taken, Backlog::kMostEvents);
  EXPECT_EQ(backlog.state(), Backlog::State::kFull);
  v1::Event event;
  ASSERT_TRUE(backlog.Pop(&event));
  EXPECT_EQ(event.revision(), 1u);
  EXPECT_EQ(backlog.Push(Numbered(taken + 1, 1)), Backlog::State::kFull);
}

TEST(WatchBudget, BoundsWhatTwoHundredSlowReadersHoldTogether) {
  constexpr size_t kBytes = 256 << 10;
  WatchBudget budget(kBytes);
  std::vector<std::unique_ptr<Backlog>> slow;
  for (int i = 0; i < 200; ++i) slow.push_back(std::make_unique<Backlog>(budget));
  Backlog prompt(budget);
  v1::Event event;
  for (uint64_t revision = 1; revision <= 100; ++revision) {
    for (const auto& reader : slow) {
      reader->Push(Numbered(revision, 1000));
      ASSERT_LE(budget.held(), kBytes);
    }
    ASSERT_EQ(prompt.Push(Numbered(revision, 1000)), Backlog::State::kOpen);
    ASSERT_TRUE(prompt.Pop(&event));
    EXPECT_EQ(event.revision(), revision);
  }
}

TEST(WatchBudget, DropsTheOneThatIsFurthestBehind) {
  WatchBudget budget(64 << 10);
  Backlog slowest(budget), slow(budget);
  ASSERT_EQ(slowest.Push(Numbered(1, 40 << 10)), Backlog::State::kOpen);
  ASSERT_EQ(slow.Push(Numbered(1, 10 << 10)), Backlog::State::kOpen);
  EXPECT_EQ(slow.Push(Numbered(2, 20 << 10)), Backlog::State::kOpen);
  EXPECT_EQ(slowest.state(), Backlog::State::kDropped);
  v1::Event event;
  EXPECT_FALSE(slowest.Pop(&event));
  EXPECT_TRUE(slow.Pop(&event));
}

TEST(WatchBudget, TakesBackWhatAReaderThatLeavesHeld) {
  WatchBudget budget(1 << 20);
  {
    Backlog backlog(budget);
    backlog.Push(Numbered(1, 1000));
    EXPECT_GT(budget.held(), 1000u);
  }
  EXPECT_EQ(budget.held(), 0u);
}

}  // namespace
}  // namespace murphy::control
