// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/http1/body_framing.h"

#include <gtest/gtest.h>

namespace murphy::wire {
namespace {

constexpr std::string_view kChunked = "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n";

TEST(BodyFramingTest, FindsTheEndOfAChunkedBodyInAnySplit) {
  const std::string bytes = std::string(kChunked) + "GET /next";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    BodyFraming framing(BodyLength::kChunked, 0);
    std::string payload;
    size_t taken = framing.Consume(bytes.substr(0, cut), &payload, SIZE_MAX);
    taken += framing.Consume(bytes.substr(cut), &payload, SIZE_MAX);
    EXPECT_TRUE(framing.done()) << cut;
    EXPECT_EQ(taken, kChunked.size()) << cut;
    EXPECT_EQ(payload, "hello world") << cut;
  }
}

TEST(BodyFramingTest, StopsAtTheStatedLength) {
  BodyFraming framing(BodyLength::kStated, 5);
  EXPECT_EQ(framing.Consume("hel", nullptr, 0), 3u);
  EXPECT_FALSE(framing.done());
  EXPECT_EQ(framing.Consume("lo, next", nullptr, 0), 2u);
  EXPECT_TRUE(framing.done());
  EXPECT_EQ(framing.payload_bytes(), 5u);
}

TEST(BodyFramingTest, CopiesNoMoreThanTheLimit) {
  BodyFraming framing(BodyLength::kChunked, 0);
  std::string payload;
  framing.Consume(kChunked, &payload, 7);
  EXPECT_EQ(payload, "hello w");
  EXPECT_EQ(framing.payload_bytes(), 11u);
}

TEST(BodyFramingTest, BreaksOnWhatAnotherReaderCouldTakeForAChunk) {
  for (const std::string_view bytes :
       {"\r\n", "g\r\n", " 5\r\nhello\r\n", "5\nhello\n", "5\r\nhelloX\r\n", "5\r\nhello\nX",
        "0x5\r\nhello\r\n", "-1\r\n", "ffffffffffffffff\r\n", "5;a\nb\r\nhello\r\n",
        "0\r\nX: y\n\r\n"}) {
    BodyFraming framing(BodyLength::kChunked, 0);
    framing.Consume(bytes, nullptr, 0);
    EXPECT_TRUE(framing.broken()) << bytes;
  }
}

TEST(BodyFramingTest, BoundsExtensionsAndTrailers) {
  BodyFraming extension(BodyLength::kChunked, 0);
  extension.Consume("5;" + std::string(5000, 'a'), nullptr, 0);
  EXPECT_TRUE(extension.broken());
  BodyFraming trailer(BodyLength::kChunked, 0);
  trailer.Consume("0\r\n" + std::string(20000, 'a'), nullptr, 0);
  EXPECT_TRUE(trailer.broken());
}

TEST(BodyFramingTest, NeedsNothingWithoutABody) {
  EXPECT_TRUE(BodyFraming().done());
  EXPECT_TRUE(BodyFraming(BodyLength::kStated, 0).done());
  EXPECT_EQ(BodyFraming().Consume("x", nullptr, 0), 0u);
}

TEST(FormatChunkTest, IsReadBack) {
  const std::string bytes =
      FormatChunk(std::string(300, 'x')) + FormatChunk("") + std::string(kLastChunk);
  BodyFraming framing(BodyLength::kChunked, 0);
  std::string payload;
  EXPECT_EQ(framing.Consume(bytes, &payload, SIZE_MAX), bytes.size());
  EXPECT_TRUE(framing.done());
  EXPECT_EQ(payload, std::string(300, 'x'));
}

}  // namespace
}  // namespace murphy::wire
