// SPDX-License-Identifier: Apache-2.0
#include "faults/message/headers.h"

#include <gtest/gtest.h>

namespace murphy::message {
namespace {

TEST(HeadersTest, FindTheFirstWithoutCase) {
  const Headers headers = {{"X-A", "1"}, {"Retry-After", "2"}, {"retry-after", "3"}};
  EXPECT_EQ(headers.Find("RETRY-AFTER"), "2");
  EXPECT_FALSE(headers.Has("retry"));
}

TEST(HeadersTest, TellAnEmptyValueFromNone) {
  const Headers headers = {{"X-A", ""}};
  EXPECT_TRUE(headers.Has("x-a"));
  EXPECT_EQ(headers.Find("x-a"), "");
}

TEST(HeadersTest, KeepTheBytesOfALine) {
  Headers headers;
  const std::string raw = "x-Odd :  a\t\r\n";
  headers.AddRaw(raw, std::string_view(raw).substr(0, 5), std::string_view(raw).substr(9, 1));
  EXPECT_EQ(headers[0].name, "x-Odd");
  EXPECT_EQ(headers[0].value, "a");
  EXPECT_EQ(headers[0].raw, raw);
}

TEST(HeadersTest, SetReplacesTheFirstAndRemovesTheOthers) {
  Headers headers = {{"Content-Type", "a"}, {"X-B", "b"}, {"content-type", "c"}};
  headers.Set("content-type", "d");
  EXPECT_EQ(headers, (Headers{{"Content-Type", "d"}, {"X-B", "b"}}));
  headers.Set("X-C", "c");
  EXPECT_EQ(headers, (Headers{{"Content-Type", "d"}, {"X-B", "b"}, {"X-C", "c"}}));
}

TEST(HeadersTest, RemoveTakesAllOfThatName) {
  Headers headers = {{"X-A", "1"}, {"X-B", "2"}, {"x-a", "3"}};
  EXPECT_TRUE(headers.Remove("x-A"));
  EXPECT_FALSE(headers.Remove("x-A"));
  EXPECT_EQ(headers, (Headers{{"X-B", "2"}}));
}

}  // namespace
}  // namespace murphy::message
