// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

const std::vector<std::string> kEvents = {Event("1"), Event("2"), Event("3")};

TEST(SlowEventsTest, WaitsBeforeEachEvent) {
  const Played played = FaultScript("slow_events { delay { seconds: 2 } }").Stream(kEvents);
  EXPECT_EQ(played.actions, (Transcript{"Delay 2s", "Delay 2s", "Delay 2s"}));
  EXPECT_EQ(played.bytes, "data: 1\n\ndata: 2\n\ndata: 3\n\n");
}

TEST(SlowEventsTest, JitterVariesEachWaitByItsOwnDraw) {
  FaultScript script("slow_events { delay { seconds: 1 } jitter: 0.5 }");
  const Played played = script.Stream(kEvents);
  ASSERT_EQ(played.actions.size(), 3u);
  EXPECT_NE(played.actions[0], played.actions[1]);
  for (const std::string& action : played.actions) {
    absl::Duration delay;
    ASSERT_TRUE(absl::ParseDuration(action.substr(6), &delay));
    EXPECT_GE(delay, absl::Seconds(0.5));
    EXPECT_LE(delay, absl::Seconds(1.5));
  }
  EXPECT_EQ(FaultScript("slow_events { delay { seconds: 1 } jitter: 0.5 }").Stream(kEvents).actions,
            played.actions);
}

TEST(SlowEventsTest, KeepsARateWithoutSlowingTheFirstEvent) {
  // All events arrive at once, so each waits until its turn.
  EXPECT_EQ(FaultScript("slow_events { events_per_second: 4 }").Stream(kEvents).actions,
            (Transcript{"Delay 250ms", "Delay 500ms"}));
}

TEST(SlowEventsTest, NothingWaitsWhenThePaceIsZero) {
  EXPECT_EQ(FaultScript("slow_events { delay { } }").Stream(kEvents).no_op,
            "no event had to wait: the stream was not faster than the pace");
}

TEST(SlowEventsTest, DoesNothingToAPlainAnswer) {
  EXPECT_EQ(FaultScript("slow_events { delay { seconds: 1 } }").Answer("x").no_op,
            "the answer was not a stream of events");
}

}  // namespace
}  // namespace murphy::test
