// SPDX-License-Identifier: Apache-2.0
#include "faults/message/sse.h"

#include <gtest/gtest.h>

#include "faults/rng.h"

namespace murphy::message {
namespace {

struct Scanned {
  std::vector<Part> parts;
  std::string tail;
  std::string Bytes() const {
    std::string bytes;
    for (const Part& part : parts) {
      bytes += part.raw;
    }
    return bytes + tail;
  }
};

Scanned Scan(std::string_view input, size_t step, size_t limit = 1 << 20) {
  SseScanner scanner(limit);
  Scanned scanned;
  for (size_t i = 0; i < input.size(); i += step) {
    for (Part& part : scanner.Feed(input.substr(i, step))) {
      scanned.parts.push_back(std::move(part));
    }
  }
  scanned.tail = scanner.TakeTail();
  return scanned;
}

bool Same(const std::vector<Part>& a, const std::vector<Part>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Part& x, const Part& y) {
    return x.raw == y.raw && x.event == y.event && x.data == y.data;
  });
}

TEST(SseTest, CutsEventsAtBlankLines) {
  const Scanned scanned = Scan("event: a\ndata: 1\n\ndata:2\n\ndata: rest", 1000);
  ASSERT_EQ(scanned.parts.size(), 2u);
  EXPECT_EQ(scanned.parts[0].raw, "event: a\ndata: 1\n\n");
  EXPECT_EQ(scanned.parts[0].event, "a");
  EXPECT_EQ(scanned.parts[0].data, "1");
  EXPECT_EQ(scanned.parts[1].event, "");
  EXPECT_EQ(scanned.parts[1].data, "2");
  EXPECT_EQ(scanned.tail, "data: rest");
}

TEST(SseTest, JoinsDataLinesAndKeepsInnerSpaces) {
  const Part part = ParseEvent("data:  a\ndata\ndata:b \nid: 1\nunknown: x\n\n");
  EXPECT_EQ(part.data, " a\n\nb ");
}

TEST(SseTest, TakesAnyLineEnding) {
  for (const std::string_view input : {"data: a\n\ndata: b\n\n:", "data: a\r\n\r\ndata: b\r\n\r\n:",
                                       "data: a\r\rdata: b\r\r:", "data: a\n\r\ndata: b\r\n\n:"}) {
    const Scanned scanned = Scan(input, 1);
    ASSERT_EQ(scanned.parts.size(), 2u) << input;
    EXPECT_EQ(scanned.parts[0].data, "a");
    EXPECT_EQ(scanned.parts[1].data, "b");
  }
}

TEST(SseTest, ACompleteCrLfEventIsNotHeldBack) {
  SseScanner scanner;
  EXPECT_EQ(scanner.Feed("data: a\r\n\r\n").size(), 1u);
  EXPECT_EQ(scanner.pending(), 0u);
}

TEST(SseTest, SkipsALeadingByteOrderMark) {
  const Scanned scanned = Scan(
      "\xEF\xBB\xBF"
      "data: a\n\n",
      1);
  ASSERT_EQ(scanned.parts.size(), 1u);
  EXPECT_EQ(scanned.parts[0].data, "a");
}

TEST(SseTest, CommentsAreAPartWithoutData) {
  const Scanned scanned = Scan(": keep-alive\n\ndata: a\n\n", 1);
  ASSERT_EQ(scanned.parts.size(), 2u);
  EXPECT_EQ(scanned.parts[0].raw, ": keep-alive\n\n");
  EXPECT_EQ(scanned.parts[0].data, "");
}

TEST(SseTest, PassesAnOverlongEventOnInPieces) {
  const std::string input = "data: " + std::string(100, 'x') + "\n\ndata: y\n\n";
  for (const size_t step : {1, 7, 1000}) {
    const Scanned scanned = Scan(input, step, 32);
    EXPECT_EQ(scanned.Bytes(), input);
    ASSERT_GE(scanned.parts.size(), 2u);
    EXPECT_EQ(scanned.parts.back().data, "y");
    for (size_t i = 0; i + 1 < scanned.parts.size(); ++i) {
      EXPECT_EQ(scanned.parts[i].data, "");
    }
  }
}

TEST(SseTest, AnyCutOfTheInputGivesTheSameParts) {
  constexpr std::string_view kAlphabet = "\n\n\n\r\r:d a\xEF\xBB\xBF";
  for (uint32_t round = 0; round < 300; ++round) {
    const Draw draw(round, 0, "sse", "property");
    std::string input;
    for (uint32_t i = 0; i < 12; ++i) {
      input += draw.Below(2, "kind", i) ? "data: x" : "event:e";
      input += draw.Text("noise" + std::to_string(i), draw.Below(5, "length", i), kAlphabet);
    }
    const Scanned whole = Scan(input, input.size());
    ASSERT_EQ(whole.Bytes(), input);
    for (const size_t step : {1, 2, 3, 5, 11}) {
      const Scanned cut = Scan(input, step);
      ASSERT_TRUE(Same(whole.parts, cut.parts)) << "round " << round << " step " << step;
      ASSERT_EQ(whole.tail, cut.tail);
    }
  }
}

TEST(SseTest, FormatIsReadBack) {
  EXPECT_EQ(FormatEvent("error", "{}"), "event: error\ndata: {}\n\n");
  EXPECT_EQ(FormatEvent("", "a\nb"), "data: a\ndata: b\n\n");
  const Part part = ParseEvent(FormatEvent("e", "a\n\nb"));
  EXPECT_EQ(part.event, "e");
  EXPECT_EQ(part.data, "a\n\nb");
}

}  // namespace
}  // namespace murphy::message
