// SPDX-License-Identifier: Apache-2.0
#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include "daemon/dialect/dialects.h"

namespace murphy {
namespace {

using dialect::Decode;

constexpr size_t kLimit = 1 << 20;

std::string Deflate(std::string_view text, int window) {
  z_stream stream = {};
  deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Gzip(std::string_view text) { return Deflate(text, 15 + 16); }

std::string Brotli(std::string_view text) {
  std::string out(text.size() + 1024, '\0');
  size_t size = out.size();
  BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, text.size(),
                        reinterpret_cast<const uint8_t*>(text.data()), &size,
                        reinterpret_cast<uint8_t*>(out.data()));
  out.resize(size);
  return out;
}

std::string Zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string Text() {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "event number " + std::to_string(i * 7919) + "\n";
  return text;
}

TEST(Decode, ReadsEveryCoding) {
  const std::string text = Text();
  EXPECT_EQ(Decode("", text, kLimit), text);
  EXPECT_EQ(Decode("identity", text, kLimit), text);
  EXPECT_EQ(Decode("gzip", Gzip(text), kLimit), text);
  EXPECT_EQ(Decode("X-GZIP", Gzip(text), kLimit), text);
  EXPECT_EQ(Decode("deflate", Deflate(text, 15), kLimit), text);
  EXPECT_EQ(Decode("deflate", Deflate(text, -15), kLimit), text);
  EXPECT_EQ(Decode("br", Brotli(text), kLimit), text);
  EXPECT_EQ(Decode("zstd", Zstd(text), kLimit), text);
}

TEST(Decode, UndoesSeveralCodingsInReverse) {
  const std::string text = Text();
  EXPECT_EQ(Decode("gzip, br", Brotli(Gzip(text)), kLimit), text);
  EXPECT_EQ(Decode("zstd,identity, gzip", Gzip(Zstd(text)), kLimit), text);
  EXPECT_EQ(Decode("gzip,gzip,gzip,gzip,gzip", text, kLimit), std::nullopt);
}

TEST(Decode, ReadsSeveralGzipMembers) {
  EXPECT_EQ(Decode("gzip", Gzip("one ") + Gzip("two"), kLimit), "one two");
}

TEST(Decode, RefusesWhatItCannotReadWhole) {
  const std::string text = Text();
  for (const auto& [coding, body] :
       {std::pair{"gzip", Gzip(text)}, std::pair{"deflate", Deflate(text, 15)},
        std::pair{"br", Brotli(text)}, std::pair{"zstd", Zstd(text)}}) {
    EXPECT_EQ(Decode(coding, body.substr(0, body.size() / 2), kLimit), std::nullopt) << coding;
    EXPECT_EQ(Decode(coding, "plain text", kLimit), std::nullopt) << coding;
  }
  EXPECT_EQ(Decode("gzip", Gzip("x") + "tail", kLimit), std::nullopt);
  EXPECT_EQ(Decode("br", Brotli("x") + "tail", kLimit), std::nullopt);
  EXPECT_EQ(Decode("compress", "x", kLimit), std::nullopt);
}

TEST(Decode, StopsAtTheLimit) {
  const std::string text = Text();
  for (const auto& [coding, body] : {std::pair{"gzip", Gzip(text)}, std::pair{"br", Brotli(text)},
                                     std::pair{"zstd", Zstd(text)}, std::pair{"identity", text}}) {
    EXPECT_EQ(Decode(coding, body, text.size()), text) << coding;
    EXPECT_EQ(Decode(coding, body, text.size() - 1), std::nullopt) << coding;
  }
}

TEST(Decode, RefusesBombsBelowTheLimitToo) {
  const std::string zeros(32 << 20, '0');
  for (const auto& [coding, body] : {std::pair{"gzip", Gzip(zeros)}, std::pair{"br", Brotli(zeros)},
                                     std::pair{"zstd", Zstd(zeros)}}) {
    EXPECT_EQ(Decode(coding, body, 64 << 20), std::nullopt) << coding;
  }
}

TEST(Decode, TakesAMissingBodyAsItIs) { EXPECT_EQ(Decode("gzip", "", kLimit), ""); }

}  // namespace
}  // namespace murphy
