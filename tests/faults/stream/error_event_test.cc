// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

const std::vector<std::string> kEvents = {Event(R"({"text":"a"})"), Event(R"({"text":"b"})"),
                                          Event(R"({"end":true})")};

TEST(ErrorEventTest, SaysTheErrorAfterGoodEventsAndEnds) {
  const Played played = FaultScript("error_event { position { events: 2 } }").Stream(kEvents);
  EXPECT_EQ(played.bytes, kEvents[0] + kEvents[1] +
                              "event: error\ndata: {\"error\":\"overloaded\",\"after\":2}\n\n");
  EXPECT_EQ(played.actions.back(), "EndStream");
}

TEST(ErrorEventTest, CanBeTheFirstEvent) {
  EXPECT_EQ(FaultScript("error_event { kind: ERROR_KIND_RATE_LIMITED position { events: 0 } }")
                .Stream(kEvents)
                .bytes,
            "event: error\ndata: {\"error\":\"rate_limited\",\"after\":0}\n\n");
}

TEST(ErrorEventTest, SaysTheUsersText) {
  EXPECT_NE(
      FaultScript(R"(error_event { message: "so sorry" })").Stream(kEvents).bytes.find("so sorry"),
      std::string::npos);
}

TEST(ErrorEventTest, NeverBreaksTheEventBefore) {
  const Played played = FaultScript("error_event { position { bytes: 30 } }").Stream(kEvents);
  EXPECT_TRUE(played.bytes.starts_with(kEvents[0] + "event: error\n"));
}

TEST(ErrorEventTest, DoesNothingWhereTheProtocolHasNoErrorEvent) {
  FaultScript script("error_event { }");
  script.dialect.speaks = false;
  const Played played = script.Stream(kEvents);
  EXPECT_EQ(played.no_op, "this protocol has no error event inside a stream");
  EXPECT_EQ(played.bytes, kEvents[0] + kEvents[1] + kEvents[2]);
  EXPECT_EQ(played.actions.size(), 1u);
}

TEST(ErrorEventTest, DoesNothingToAPlainAnswer) {
  FaultScript script("error_event { }");
  EXPECT_EQ(script.Answer("x").no_op, "the answer was not a stream of events");
  EXPECT_EQ(script.Parameters(), R"({"kind":"overloaded","position":{"events":1}})");
}

}  // namespace
}  // namespace murphy::test
