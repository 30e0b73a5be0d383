// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

const std::vector<std::string> kEvents = {Event("1"), Event("2"), Event("3")};

TEST(StallStreamTest, FallsSilentAfterTheFirstEventAndGoesOn) {
  const Played played = FaultScript("stall_stream { }").Stream(kEvents);
  EXPECT_EQ(played.actions, (Transcript{"Delay 30s"}));
  EXPECT_EQ(played.bytes, "data: 1\n\ndata: 2\n\ndata: 3\n\n");
}

TEST(StallStreamTest, FallsSilentInsideAnEvent) {
  const Played played =
      FaultScript("stall_stream { position { bytes: 12 } duration { seconds: 1 } }")
          .Stream(kEvents);
  EXPECT_EQ(played.actions, (Transcript{"Emit dat", "Delay 1s", "Emit a: 2\\n\\n", "Drop"}));
  EXPECT_EQ(played.bytes, "data: 1\n\ndata: 2\n\ndata: 3\n\n");
}

TEST(StallStreamTest, CommentsKeepTheConnectionAlive) {
  const Played played =
      FaultScript("stall_stream { duration { seconds: 12 } keep_alive: true }").Stream(kEvents);
  EXPECT_EQ(played.actions, (Transcript{"Delay 5s", "Emit : keep-alive\\n\\n", "Delay 5s",
                                        "Emit : keep-alive\\n\\n", "Delay 2s"}));
}

TEST(StallStreamTest, CommentsNeverBreakAnEvent) {
  const Played played =
      FaultScript(
          "stall_stream { position { bytes: 12 } duration { seconds: 6 } keep_alive: true }")
          .Stream(kEvents);
  EXPECT_EQ(played.bytes, "data: 1\n\n: keep-alive\n\ndata: 2\n\ndata: 3\n\n");
}

TEST(StallStreamTest, DoesNothingWhenThePositionIsNeverReached) {
  FaultScript script("stall_stream { position { events: 3 } }");
  const Played played = script.Stream(kEvents);
  EXPECT_EQ(played.no_op, R"(the stream ended before the position {"events":3})");
  EXPECT_EQ(script.Parameters(),
            R"({"position":{"events":3},"duration":"30s","keep_alive":false})");
}

TEST(StallStreamTest, DoesNothingToAPlainAnswer) {
  EXPECT_EQ(FaultScript("stall_stream { }").Answer("x").no_op,
            "the answer was not a stream of events");
}

TEST(StallStreamTest, AStallOfNoTimeIsNoOp) {
  EXPECT_EQ(FaultScript("stall_stream { duration { } }").Stream(kEvents).no_op,
            "the stall lasts no time");
}

}  // namespace
}  // namespace murphy::test
