// SPDX-License-Identifier: Apache-2.0
#include "faults/message/http.h"

#include <gtest/gtest.h>

namespace murphy::message {
namespace {

TEST(HttpTest, FindsTheFirstHeaderWithoutCase) {
  const Headers headers = {{"X-A", "1"}, {"Retry-After", "2"}, {"retry-after", "3"}};
  EXPECT_EQ(FindHeader(headers, "RETRY-AFTER"), "2");
  EXPECT_EQ(FindHeader(headers, "retry"), "");
}

TEST(HttpTest, SetReplacesTheFirstAndRemovesTheOthers) {
  std::vector<Header> headers = {{"Content-Type", "a"}, {"X-B", "b"}, {"content-type", "c"}};
  SetHeader(headers, "content-type", "d");
  EXPECT_EQ(headers, (std::vector<Header>{{"Content-Type", "d"}, {"X-B", "b"}}));
}

TEST(HttpTest, SetAppendsWhatIsNotThere) {
  std::vector<Header> headers = {{"X-B", "b"}};
  SetHeader(headers, "X-C", "c");
  EXPECT_EQ(headers, (std::vector<Header>{{"X-B", "b"}, {"X-C", "c"}}));
}

}  // namespace
}  // namespace murphy::message
