// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/http1/author.h"

#include <gtest/gtest.h>

namespace murphy::wire {
namespace {

TEST(AuthorTest, WritesStatusHeadersAndLength) {
  const std::string bytes = Author(
      {.status = 529, .headers = {{"x-a", "1"}, {"Date", "now"}}, .body = "busy"}, true, false);
  EXPECT_EQ(bytes,
            "HTTP/1.1 529 Overloaded\r\nx-a: 1\r\nDate: now\r\nContent-Length: 4\r\n\r\nbusy");
}

TEST(AuthorTest, LeavesTheBodyOutForHeadRequests) {
  const std::string bytes =
      Author({.status = 200, .headers = {{"Date", "now"}}, .body = "busy"}, false, true);
  EXPECT_EQ(bytes,
            "HTTP/1.1 200 OK\r\nDate: now\r\nConnection: close\r\nContent-Length: 4\r\n\r\n");
}

TEST(OwnFailureTest, SaysWhoseFailureItIs) {
  const message::Response response = OwnFailure(502, v1::ORIGIN_UPSTREAM, "It is gone.");
  EXPECT_EQ(message::FindHeader(response.headers, "x-murphy-origin"), "upstream");
  EXPECT_EQ(response.body, "murphy: It is gone.\n");
}

}  // namespace
}  // namespace murphy::wire
