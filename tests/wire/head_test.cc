// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/http1/head.h"

#include <gtest/gtest.h>

namespace murphy::wire {
namespace {

struct Refused {
  const char* name;
  std::string head;
  const char* why;
};

class RefusesRequest : public testing::TestWithParam<Refused> {};

TEST_P(RefusesRequest, ThatTwoReadersCouldReadDifferently) {
  RequestHead head;
  std::string why;
  ASSERT_EQ(ScanRequest(GetParam().head, head, why), Scan::kRefused);
  EXPECT_NE(why.find(GetParam().why), std::string::npos) << why;
}

const Refused kRefused[] = {
    {"BothLengths",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
     "both Content-Length"},
    {"TwoLengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
     "more than one Content-Length"},
    {"SignedLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\n", "not a number"},
    {"ListedLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\n", "not a number"},
    {"HugeLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n",
     "18 digits"},
    {"GzipCoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
     "not exactly `chunked`"},
    {"TwoCodings",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
     "chunked\r\n\r\n",
     "not exactly"},
    {"ObfuscatedCoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
     "not exactly"},
    {"ChunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0"},
    {"BareLineFeed", "GET / HTTP/1.1\nHost: a\r\n\r\n", "CRLF"},
    {"BareLineFeedInHeaders", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", "CRLF"},
    {"BareCarriageReturn", "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", "CRLF"},
    {"FoldedLine", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", "folded"},
    {"SpaceBeforeColon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "name"},
    {"EmptyName", "GET / HTTP/1.1\r\n: a\r\n\r\n", "name"},
    {"NulInValue", std::string("GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n", 35), "control"},
    {"HostWithASpace", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "no authority"},
    {"HostWithAPath", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "no authority"},
    {"TwoEmptyLines", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "request line"},
    {"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "more than one Host"},
    {"NoHost", "GET / HTTP/1.1\r\nX: a\r\n\r\n", "no Host"},
    {"SpaceInTarget", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "request target"},
    {"NoVersion", "GET /\r\nHost: a\r\n\r\n", "request line"},
    {"OtherVersion", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "version"},
};
INSTANTIATE_TEST_SUITE_P(Table, RefusesRequest, testing::ValuesIn(kRefused),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ScanRequestTest, KeepsLinesAsTheyWereWritten) {
  const std::string bytes =
      "POST /r/a/b?x=1 HTTP/1.1\r\nhOsT:  a\t\r\nX-Twice: 1\r\nx-twice: 2\r\nContent-Length: "
      "5\r\n\r\nhello";
  RequestHead head;
  std::string why;
  ASSERT_EQ(ScanRequest(bytes, head, why), Scan::kDone);
  EXPECT_EQ(head.target, "/r/a/b?x=1");
  ASSERT_EQ(head.headers.size(), 4u);
  EXPECT_EQ(head.headers[0].raw, "hOsT:  a\t\r\n");
  EXPECT_EQ(head.headers[0].value, "a");
  EXPECT_EQ(head.headers[2].raw, "x-twice: 2\r\n");
  EXPECT_EQ(head.length, BodyLength::kStated);
  EXPECT_EQ(head.content_length, 5u);
  EXPECT_EQ(bytes.substr(head.size), "hello");
}

TEST(ScanRequestTest, AsksForMoreUntilTheBlankLine) {
  const std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  RequestHead head;
  std::string why;
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(ScanRequest(bytes.substr(0, size), head, why), Scan::kMore) << size;
  }
  EXPECT_EQ(ScanRequest(bytes, head, why), Scan::kDone);
}

TEST(ScanRequestTest, KnowsWhenAConnectionIsKept) {
  const auto keeps = [](const std::string& bytes) {
    RequestHead head;
    std::string why;
    EXPECT_EQ(ScanRequest(bytes, head, why), Scan::kDone) << why;
    return head.keep_alive;
  };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(ScanRequestTest, TakesAnUpgradeOnlyWhenTheConnectionNamesIt) {
  RequestHead head;
  std::string why;
  ASSERT_EQ(ScanRequest("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n", head, why),
            Scan::kDone);
  EXPECT_EQ(head.upgrade, "");
  ASSERT_EQ(
      ScanRequest("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
                  head, why),
      Scan::kDone);
  EXPECT_EQ(head.upgrade, "websocket");
}

TEST(ScanRequestTest, SkipsOneEmptyLineBeforeTheRequestLine) {
  RequestHead head;
  std::string why;
  const std::string bytes = "\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n";
  ASSERT_EQ(ScanRequest(bytes, head, why), Scan::kDone) << why;
  EXPECT_EQ(head.target, "/x");
  EXPECT_EQ(head.size, bytes.size());
}

TEST(ScanRequestTest, OwnsWhatItHasRead) {
  RequestHead head;
  std::string why;
  std::string bytes = "GET /x HTTP/1.1\r\nHost:  a \r\n\r\n";
  ASSERT_EQ(ScanRequest(bytes, head, why), Scan::kDone) << why;
  bytes.assign(bytes.size(), '#');
  const RequestHead moved = std::move(head);
  EXPECT_EQ(moved.headers.Find("host"), "a");
  EXPECT_EQ(moved.headers[0].raw, "Host:  a \r\n");
  EXPECT_EQ(moved.target, "/x");
}

TEST(ScanResponseTest, ReadsStatusReasonAndFraming) {
  ResponseHead head;
  std::string why;
  ASSERT_EQ(
      ScanResponse("HTTP/1.1 529 Site Overloaded\r\nTransfer-Encoding: chunked\r\n\r\n", head, why),
      Scan::kDone);
  EXPECT_EQ(head.status, 529);
  EXPECT_EQ(head.length, BodyLength::kChunked);
  ASSERT_EQ(ScanResponse("HTTP/1.1 200\r\n\r\n", head, why), Scan::kDone)
      << "an empty reason phrase without its space";
  EXPECT_EQ(head.length, BodyLength::kUntilClose);
}

TEST(ScanResponseTest, RefusesGarbageWithoutWaitingForALineEnd) {
  ResponseHead head;
  std::string why;
  EXPECT_EQ(ScanResponse("SSH-2.0-OpenSSH", head, why), Scan::kRefused);
  EXPECT_EQ(ScanResponse("HTTP/1.1 2x0 OK\r\n\r\n", head, why), Scan::kRefused);
  EXPECT_EQ(
      ScanResponse("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", head, why),
      Scan::kRefused);
}

TEST(HasTokenTest, ComparesWholeTokensWithoutCase) {
  EXPECT_TRUE(HasToken("keep-alive, Upgrade", "upgrade"));
  EXPECT_FALSE(HasToken("not-upgrade", "upgrade"));
  EXPECT_FALSE(HasToken("", "upgrade"));
}

}  // namespace
}  // namespace murphy::wire
