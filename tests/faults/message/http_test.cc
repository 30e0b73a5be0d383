// SPDX-License-Identifier: Apache-2.0
#include "faults/message/http.h"

#include <gtest/gtest.h>

namespace murphy::message {
namespace {

using Headers = std::vector<Header>;

TEST(HttpTest, FindsTheFirstHeaderWithoutCase) {
  const Headers headers = {{"X-A", "1"}, {"Retry-After", "2"}, {"retry-after", "3"}};
  EXPECT_EQ(FindHeader(headers, "RETRY-AFTER"), "2");
  EXPECT_EQ(FindHeader(headers, "retry"), "");
}

TEST(HttpTest, SetReplacesTheFirstAndRemovesTheOthers) {
  Headers headers = {{"Content-Type", "a"}, {"X-B", "b"}, {"content-type", "c"}};
  SetHeader(headers, "content-type", "d");
  EXPECT_EQ(headers, (Headers{{"Content-Type", "d"}, {"X-B", "b"}}));
}

TEST(HttpTest, SetAppendsWhatIsNotThere) {
  Headers headers = {{"X-B", "b"}};
  SetHeader(headers, "X-C", "c");
  EXPECT_EQ(headers, (Headers{{"X-B", "b"}, {"X-C", "c"}}));
}

TEST(HttpTest, RemoveTakesAllOfThatName) {
  Headers headers = {{"X-A", "1"}, {"X-B", "2"}, {"x-a", "3"}};
  RemoveHeader(headers, "x-A");
  EXPECT_EQ(headers, (Headers{{"X-B", "2"}}));
}

}  // namespace
}  // namespace murphy::message
