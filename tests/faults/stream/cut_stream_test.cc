// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

const std::vector<std::string> kEvents = {Event(R"({"text":"aa"})"),  Event(R"({"text":"b€"})"),
                                          Event(R"({"tool":"t"})"),   Event(R"({"args":"{\"x\""})"),
                                          Event(R"({"args":":1}"})"), Event(R"({"end":true})")};

std::string Cut(std::string_view fault) { return FaultScript(fault).Stream(kEvents).bytes; }

std::string Join(size_t events) {
  std::string bytes;
  for (size_t i = 0; i < events; ++i) {
    bytes += kEvents[i];
  }
  return bytes;
}

TEST(CutStreamTest, EndsCleanlyAfterTheFirstEvent) {
  const Played played = FaultScript("cut_stream { }").Stream(kEvents);
  EXPECT_EQ(played.actions, (Transcript{"EndStream"}));
  EXPECT_EQ(played.bytes, Join(1));
}

TEST(CutStreamTest, EndsByAReset) {
  EXPECT_EQ(FaultScript("cut_stream { how: CUT_MODE_RESET position { events: 2 } }")
                .Stream(kEvents)
                .actions,
            (Transcript{"Reset"}));
}

TEST(CutStreamTest, EndsInsideTheNextEvent) {
  const std::string bytes = Cut("cut_stream { how: CUT_MODE_HALF_EVENT }");
  EXPECT_EQ(bytes, Join(1) + kEvents[1].substr(0, kEvents[1].size() / 2));
}

TEST(CutStreamTest, EndsBeforeAnything) {
  EXPECT_EQ(Cut("cut_stream { position { events: 0 } }"), "");
}

TEST(CutStreamTest, EndsAtAByte) {
  EXPECT_EQ(Cut("cut_stream { position { bytes: 30 } }"), Join(6).substr(0, 30));
}

TEST(CutStreamTest, EndsAfterTheFirstText) {
  EXPECT_EQ(Cut("cut_stream { position { boundary: BOUNDARY_TEXT } }"), Join(1));
}

TEST(CutStreamTest, EndsAfterAToolCallIsAnnounced) {
  EXPECT_EQ(Cut("cut_stream { position { boundary: BOUNDARY_TOOL_CALL } }"), Join(3));
}

TEST(CutStreamTest, EndsInsideToolCallArguments) {
  EXPECT_EQ(Cut("cut_stream { position { boundary: BOUNDARY_ARGUMENTS } }"), Join(4));
}

TEST(CutStreamTest, TruncatesInsideUtf8Sequence) {
  const std::string bytes =
      Cut("cut_stream { position { boundary: BOUNDARY_UTF8 } how: CUT_MODE_RESET }");
  EXPECT_TRUE(bytes.ends_with("b\xE2"));
}

TEST(CutStreamTest, EndsInsideJson) {
  const std::string bytes = Cut("cut_stream { position { boundary: BOUNDARY_JSON } }");
  EXPECT_EQ(bytes, R"(data: {"text)");
}

TEST(CutStreamTest, EndsAfterAShareOfTheAnswer) {
  EXPECT_EQ(Cut("cut_stream { position { fraction: 0.5 } }"), Join(3));
  EXPECT_TRUE(FaultScript("cut_stream { position { fraction: 0.5 } }").fault().needs().held_answer);
  EXPECT_FALSE(FaultScript("cut_stream { }").fault().needs().held_answer);
}

TEST(CutStreamTest, DoesNothingWhenThePositionIsNeverReached) {
  const Played played = FaultScript("cut_stream { position { events: 6 } }").Stream(kEvents);
  EXPECT_EQ(played.bytes, Join(6));
  EXPECT_EQ(played.no_op, R"(the stream ended before the position {"events":6})");
}

TEST(CutStreamTest, DoesNothingWhenArgumentsComeInOnePiece) {
  const std::vector<std::string> events = {Event(R"({"tool":"a"})"), Event(R"({"args":"{}"})"),
                                           Event(R"({"tool":"b"})"), Event(R"({"args":"{}"})"),
                                           Event(R"({"end":true})")};
  EXPECT_EQ(
      FaultScript("cut_stream { position { boundary: BOUNDARY_ARGUMENTS } }").Stream(events).no_op,
      R"(the stream ended before the position {"boundary":"arguments"})");
}

TEST(CutStreamTest, DoesNothingWhenThereIsNoMultiByteCharacter) {
  EXPECT_NE(FaultScript("cut_stream { position { boundary: BOUNDARY_UTF8 } }")
                .Stream({Event("ascii")})
                .no_op,
            "");
}

TEST(CutStreamTest, DoesNothingToAPlainAnswer) {
  FaultScript script("cut_stream { }");
  EXPECT_EQ(script.Answer("x").no_op, "the answer was not a stream of events");
  EXPECT_EQ(script.Parameters(), R"({"position":{"events":1},"how":"clean"})");
}

}  // namespace
}  // namespace murphy::test
