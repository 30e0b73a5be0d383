// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/header_blocks.h"

#include <gtest/gtest.h>

#include <string>

namespace murphy::control {
namespace {

constexpr char kHeaders = 1, kContinuation = 9, kData = 0;
constexpr char kEndHeaders = 4;
const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

std::string Frame(char type, char flags, size_t size) {
  std::string frame = {static_cast<char>(size >> 16),
                       static_cast<char>(size >> 8),
                       static_cast<char>(size),
                       type,
                       flags,
                       0,
                       0,
                       0,
                       1};
  return frame + std::string(size, 'x');
}

TEST(HeaderBlocks, PassBlocksThatEndAndAnyAmountOfData) {
  HeaderBlocks blocks(1000);
  EXPECT_TRUE(blocks.Read(kPreface));
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(blocks.Read(Frame(kHeaders, 0, 500)));
    EXPECT_TRUE(blocks.Read(Frame(kContinuation, kEndHeaders, 500)));
    EXPECT_TRUE(blocks.Read(Frame(kData, 0, 16384)));
  }
}

TEST(HeaderBlocks, RefuseOneThatDoesNotEndHoweverItIsCut) {
  const std::string sent = kPreface + Frame(kHeaders, 0, 500) + Frame(kContinuation, 0, 400) +
                           Frame(kContinuation, 0, 200);
  for (const size_t piece : {size_t{1}, size_t{7}, size_t{64}, sent.size()}) {
    HeaderBlocks blocks(1000);
    bool fine = true;
    size_t read = 0;
    for (; fine && read < sent.size(); read += piece) fine = blocks.Read(sent.substr(read, piece));
    EXPECT_FALSE(fine) << piece;
    EXPECT_GE(read, kPreface.size() + 900) << piece;
  }
}

TEST(HeaderBlocks, RefuseWhatIsNoHttp2) {
  HeaderBlocks blocks(1000);
  EXPECT_FALSE(blocks.Read("GET / HTTP/1.1\r\n"));
}

}  // namespace
}  // namespace murphy::control
