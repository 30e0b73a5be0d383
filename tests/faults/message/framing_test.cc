// SPDX-License-Identifier: Apache-2.0
#include "faults/message/framing.h"

#include <gtest/gtest.h>

#include "faults/message/document.h"

namespace murphy::message {
namespace {

TEST(FramingTest, IsKnownByTheMediaTypeWhateverItsCaseAndParameters) {
  EXPECT_EQ(FramingOf("text/event-stream"), Framing::kSse);
  EXPECT_EQ(FramingOf("Text/Event-Stream ; charset=utf-8"), Framing::kSse);
  EXPECT_EQ(FramingOf("text/event-streams"), Framing::kWhole);
  EXPECT_EQ(FramingOf("application/x-ndjson"), Framing::kLines);
  EXPECT_EQ(FramingOf("application/json"), Framing::kWhole);
  EXPECT_EQ(FramingOf(""), Framing::kWhole);
  EXPECT_EQ(NewFramer(Framing::kWhole), nullptr);
}

TEST(LineFramerTest, CutsLinesWhateverPiecesTheyComeIn) {
  const std::string bytes = "{\"a\":1}\n{\"b\":2}\r\n\n{\"c\"";
  for (size_t piece = 1; piece <= bytes.size(); ++piece) {
    const auto framer = NewFramer(Framing::kLines);
    std::vector<Part> parts;
    for (size_t at = 0; at < bytes.size(); at += piece)
      framer->Feed(std::string_view(bytes).substr(at, piece), parts);
    ASSERT_EQ(parts.size(), 3u);
    EXPECT_EQ(parts[0].data, "{\"a\":1}");
    EXPECT_EQ(parts[1].raw, "{\"b\":2}\r\n");
    EXPECT_EQ(parts[1].data, "{\"b\":2}");
    EXPECT_EQ(parts[2].data, "");
    EXPECT_EQ(framer->TakeTail(), "{\"c\"");
  }
}

TEST(LineFramerTest, PassesAnOverlongLineOnInPieces) {
  const auto framer = NewFramer(Framing::kLines, 4);
  std::vector<Part> parts;
  framer->Feed("abcdef", parts);
  framer->Feed("g\nok\n", parts);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].data + parts[1].data, "");
  EXPECT_EQ(parts[0].raw + parts[1].raw, "abcdefg\n");
  EXPECT_EQ(parts[2].data, "ok");
}

TEST(FramingTest, GivesAPartNewDataInItsOwnFrame) {
  std::vector<Part> parts;
  NewFramer(Framing::kLines)->Feed("1\r\n", parts);
  SetData(parts[0], "2");
  EXPECT_EQ(parts[0].raw, "2\r\n");
  NewFramer(Framing::kSse)->Feed("event: a\ndata: 1\n\n", parts);
  SetData(parts[1], "2");
  EXPECT_EQ(parts[1].raw, "event: a\ndata: 2\n\n");
}

}  // namespace
}  // namespace murphy::message
