// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/http1/forwarded.h"

#include <gtest/gtest.h>

#include "daemon/wire/endpoint_event.h"

namespace murphy::wire {
namespace {

runs::Route RouteTo(const std::string& url) { return *runs::ParseRoute("up", url, "", false); }

std::string Forwarded(const std::string& bytes, const runs::Route& route,
                      const RequestChanges& edits = {}) {
  RequestHead head;
  std::string why;
  EXPECT_EQ(ScanRequest(bytes, head, why), Scan::kDone) << why;
  return ForwardedRequest(head, route, SplitTarget(head.target).value(), edits);
}

TEST(SplitTargetTest, TakesRunRouteAndRest) {
  const auto target = SplitTarget("/r/run-1/openai/v1/chat?x=%20");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->run, "run-1");
  EXPECT_EQ(target->route, "openai");
  EXPECT_EQ(target->rest, "/v1/chat?x=%20");
  EXPECT_EQ(SplitTarget("/r/run-1/openai")->rest, "");
  EXPECT_EQ(SplitTarget("/r/run-1/openai?q")->rest, "?q");
  for (const char* other : {"/", "/r/", "/r/x", "/r//openai", "/r/x/", "/other/x/y"}) {
    EXPECT_FALSE(SplitTarget(other).has_value()) << other;
  }
}

TEST(ForwardedRequestTest, ChangesTargetAndHostAndNothingElse) {
  EXPECT_EQ(Forwarded("POST /r/a/up/v1/chat?x=1 HTTP/1.1\r\nhost: 127.0.0.1:7460\r\nX-ODD:  spaced "
                      "\r\naccept-encoding: gzip\r\n"
                      "X-Odd: again\r\nContent-Length: 2\r\n\r\n",
                      RouteTo("https://api.example.com:8443/base/")),
            "POST /base/v1/chat?x=1 HTTP/1.1\r\nhost: api.example.com:8443\r\nX-ODD:  spaced "
            "\r\naccept-encoding: gzip\r\n"
            "X-Odd: again\r\nContent-Length: 2\r\n\r\n");
}

TEST(ForwardedRequestTest, DropsHopByHopFieldsAndOurOwn) {
  EXPECT_EQ(Forwarded("GET /r/a/up HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, X-Secret, "
                      "Authorization\r\nX-Secret: 1\r\n"
                      "Authorization: Bearer k\r\nTE: trailers\r\nUpgrade: h2c\r\nKeep-Alive: "
                      "5\r\nx-murphy-run: r\r\nTEA: y\r\n\r\n",
                      RouteTo("http://10.0.0.1:81")),
            "GET / HTTP/1.1\r\nHost: 10.0.0.1:81\r\nAuthorization: Bearer k\r\nTEA: y\r\n\r\n");
}

TEST(ForwardedRequestTest, AsksForPlainBytesOnlyWhereTheAnswerWillBeEdited) {
  EXPECT_EQ(Forwarded("GET /r/a/up/x HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n",
                      RouteTo("http://h"), {.identity = true}),
            "GET /x HTTP/1.1\r\nHost: h\r\nAccept-Encoding: identity\r\n\r\n");
}

TEST(ForwardedRequestTest, RemovesAndSetsHeadersAndFramesAnotherBody) {
  const exchange::HeadEdits edits{.remove = {"x-gone"}, .set = {{"x-new", "1"}, {"X-Old", "2"}}};
  EXPECT_EQ(Forwarded("POST /r/a/up/x HTTP/1.1\r\nHost: x\r\nX-Gone: 1\r\nx-old: 1\r\n"
                      "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
                      RouteTo("http://h"), {.edits = &edits, .length = 7}),
            "POST /x HTTP/1.1\r\nHost: h\r\nx-old: 2\r\nContent-Length: 7\r\nx-new: 1\r\n\r\n");
}

TEST(LeavesRouteTest, SeesHowServersReadDots) {
  for (const char* out : {"/..", "/../", "/../x", "/x/../../", "/x/../..", "/%2e%2e/", "/.%2E/x",
                          "/..%2fx", "/..%5cx", "/..\\x", "/.;a/..;/x", "/..;/x",
                          "/x/%2e%2e/%2e%2e/y", "/..%20/x", "/..%00/x", "/%09../x", "/.%0d./x"})
    EXPECT_TRUE(LeavesRoute(out)) << out;
  for (const char* in : {"", "/", "/x/../y", "/x/..", "/...", "/x..", "/..x", "/x?a=/../..",
                         "/a%2fb", "/x/y/../../z", "/./x"})
    EXPECT_FALSE(LeavesRoute(in)) << in;
}

TEST(RewrittenLocationTest, KnowsWhereAPrefixEnds) {
  const runs::Route route = RouteTo("https://up.test/v1");
  EXPECT_EQ(RewrittenLocation("/v1/x", route, "http://g/r/a/up"), "http://g/r/a/up/x");
  EXPECT_EQ(RewrittenLocation("https://up.test/v1?y", route, "http://g/r/a/up"),
            "http://g/r/a/up?y");
  EXPECT_EQ(RewrittenLocation("/v1beta/x", route, "http://g/r/a/up"), std::nullopt);
}

TEST(ForwardedResponseTest, DropsAnOriginThatIsNotOurs) {
  ResponseHead head;
  std::string why;
  ASSERT_EQ(
      ScanResponse("HTTP/1.1 200 OK\r\nX-Murphy-Origin: internal\r\nX-A: 1\r\n\r\n", head, why),
      Scan::kDone);
  EXPECT_EQ(ForwardedResponse(head, RouteTo("http://h"), {}), "HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\n");
}

TEST(RewrittenLocationTest, LeadsSameOriginRedirectsThroughTheGateway) {
  const runs::Route route = RouteTo("http://up.test:81/base");
  const std::string base = "http://127.0.0.1:7460/r/a/up";
  EXPECT_EQ(RewrittenLocation("http://up.test:81/base/x?y", route, base), base + "/x?y");
  EXPECT_EQ(RewrittenLocation("/base/x", route, base), base + "/x");
  for (const char* other : {"http://elsewhere/base/x", "//elsewhere/x", "relative", "/outside",
                            "http://up.test:811/x"}) {
    EXPECT_FALSE(RewrittenLocation(other, route, base).has_value()) << other;
  }
}

TEST(ForwardedResponseTest, KeepsLinesAndSetsWhatFaultsAskFor) {
  ResponseHead head;
  std::string why;
  ASSERT_EQ(
      ScanResponse("HTTP/1.1 200 Fine\r\nX-A:  1\r\nConnection: close\r\nContent-Length: 3\r\n\r\n",
                   head, why),
      Scan::kDone);
  const exchange::HeadEdits edits{.set = {{"x-a", "2"}, {"x-b", "3"}}};
  EXPECT_EQ(ForwardedResponse(head, RouteTo("http://h"), {.edits = &edits}),
            "HTTP/1.1 200 Fine\r\nX-A: 2\r\nContent-Length: 3\r\nx-b: 3\r\n\r\n");
  EXPECT_EQ(ForwardedResponse(head, RouteTo("http://h"),
                              {.reframed = true, .framing_line = "Transfer-Encoding: chunked\r\n"}),
            "HTTP/1.1 200 Fine\r\nX-A:  1\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(EndpointEventTest, LeadsTheLegacyEndpointThroughTheGatewayInAnySplit) {
  const std::string stream =
      "event: endpoint\r\ndata: /messages?id=1\r\n\r\nevent: message\ndata: {}\n\n";
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    const runs::Route route = RouteTo("http://h");
    EndpointEvent event(route, "http://g/r/a/up");
    std::string out = event.Feed(stream.substr(0, cut));
    out += event.Feed(stream.substr(cut));
    EXPECT_EQ(
        out, "event: endpoint\ndata: http://g/r/a/up/messages?id=1\n\nevent: message\ndata: {}\n\n")
        << cut;
  }
}

TEST(EndpointEventTest, HoldsNothingOfAnyOtherStream) {
  const runs::Route route = RouteTo("http://h");
  EndpointEvent event(route, "http://g/r/a/up");
  EXPECT_EQ(event.Feed("e"), "");
  EXPECT_EQ(event.Feed("vent: message\n"), "event: message\n");
  EXPECT_EQ(event.Feed("event: endpoint\ndata: /x\n\n"), "event: endpoint\ndata: /x\n\n");
}

}  // namespace
}  // namespace murphy::wire
