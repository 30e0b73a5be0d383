// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/dialect/support.h"

namespace murphy {
namespace {

message::Call Describe(const message::Request& request, std::string_view provider,
                       std::string_view route) {
  return dialect::Recognise(request, provider).Describe(request, route);
}

message::Call Chat(std::string_view body) {
  return Describe(Post("/v1/chat/completions", body), "openai", "openai");
}

TEST(DescribeModel, NamesModelProviderAndStream) {
  const auto call =
      Chat(R"({"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"hi"}]})");
  EXPECT_EQ(call.kind, v1::TARGET_KIND_MODEL);
  EXPECT_EQ(call.provider, "openai");
  EXPECT_EQ(call.name, "gpt-4o");
  EXPECT_TRUE(call.stream);
  EXPECT_EQ(call.arguments, "");
  EXPECT_FALSE(call.unclassified);
}

TEST(DescribeModel, KeepsItsShapeOverTurnsOfTheSameAgent) {
  const auto first = Chat(
      R"({"model":"m","messages":[{"role":"system","content":"Today is 2026-11-21. You pay bills."},{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"pay"}}]})");
  const auto second = Chat(
      R"({"model":"m","tools":[{"type":"function","function":{"name":"pay"}}],"messages":[{"role":"system","content":"Today is 2026-11-22. You pay bills."},{"role":"user","content":"b"},{"role":"assistant","content":"c"}]})");
  const auto other = Chat(
      R"({"model":"m","messages":[{"role":"system","content":"You plan."}],"tools":[{"type":"function","function":{"name":"pay"}}]})");
  EXPECT_EQ(first.shape, second.shape);
  EXPECT_NE(first.shape, other.shape);
  EXPECT_EQ(first.shape.find("purpose:"), 0u);
}

TEST(DescribeModel, FindsInstructionsInEveryDialect) {
  const auto responses = [](std::string_view instructions) {
    return Describe(
               Post("/v1/responses",
                    Replaced(R"({"model":"m","instructions":"X","input":"q"})", "X", instructions)),
               "openai", "openai")
        .shape;
  };
  const auto anthropic = [](std::string_view instructions) {
    return Describe(
               Post("/v1/messages",
                    Replaced(R"({"model":"m","system":[{"type":"text","text":"X"}],"messages":[]})",
                             "X", instructions)),
               "anthropic", "anthropic")
        .shape;
  };
  EXPECT_NE(responses("plan"), responses("act"));
  EXPECT_NE(anthropic("plan"), anthropic("act"));
}

TEST(DescribeModel, EstimatesTokensWithinAFifth) {
  const std::string prose(4500, 'x');
  const auto openai =
      Chat(Replaced(R"({"model":"m","messages":[{"role":"user","content":"P"}]})", "P", prose));
  EXPECT_NEAR(static_cast<double>(openai.estimated_tokens), 1000, 200);
  const auto anthropic = Describe(
      Post("/v1/messages",
           Replaced(R"({"model":"m","messages":[{"role":"user","content":"P"}]})", "P", prose)),
      "anthropic", "anthropic");
  EXPECT_NEAR(static_cast<double>(anthropic.estimated_tokens), 4500 / 3.4, 200);
}

TEST(DescribeModel, DoesNotCountPicturesAsText) {
  const auto call = Chat(Replaced(
      R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"P"}}]}]})",
      "P", std::string(100000, 'A')));
  EXPECT_LT(call.estimated_tokens, 20u);
}

TEST(DescribeModel, SaysWhenTheBodyIsUnreadable) {
  EXPECT_TRUE(Chat("{\"model\":").unclassified);
  auto large = Post("/v1/messages", "");
  large.body_complete = false;
  const auto call = Describe(large, "anthropic", "anthropic");
  EXPECT_TRUE(call.unclassified);
  EXPECT_EQ(call.kind, v1::TARGET_KIND_MODEL);
}

TEST(DescribeMcp, NamesAToolByRouteAndName) {
  const auto call = Describe(
      Post(
          "/mcp",
          R"({"jsonrpc":"2.0","id":"a-7","method":"tools/call","params":{"name":"write","arguments":{"path":"/x", "lines":[1]},"_meta":{"progressToken":3}}})"),
      "mcp", "files");
  EXPECT_EQ(call.kind, v1::TARGET_KIND_TOOL);
  EXPECT_EQ(call.provider, "mcp");
  EXPECT_EQ(call.name, "files.write");
  EXPECT_EQ(call.rpc_id, "\"a-7\"");
  EXPECT_EQ(call.arguments, R"({"path":"/x", "lines":[1]})");
  EXPECT_EQ(call.shape, "{lines[]:int,path:str}");
  EXPECT_EQ(call.mcp_version, "");
}

TEST(DescribeMcp, KeepsEverythingElseApart) {
  const auto list =
      Describe(Post("/mcp", R"({"jsonrpc":"2.0","id":2,"method":"tools/list"})"), "mcp", "files");
  EXPECT_EQ(list.kind, v1::TARGET_KIND_MCP);
  EXPECT_EQ(list.name, "tools/list");
  EXPECT_EQ(list.rpc_id, "2");
  EXPECT_EQ(Describe(Post("/mcp", R"({"jsonrpc":"2.0","id":2,"result":{}})"), "mcp", "files").name,
            "response");
  EXPECT_EQ(
      Describe(Post("/mcp", R"([{"jsonrpc":"2.0","id":2,"method":"ping"}])"), "mcp", "files").name,
      "batch");
  auto stream = Post("/mcp", "");
  stream.method = "GET";
  stream.headers = {{"Accept", "text/event-stream"}};
  EXPECT_EQ(Describe(stream, "mcp", "files").kind, v1::TARGET_KIND_MCP);
  EXPECT_TRUE(Describe(stream, "mcp", "files").stream);
}

TEST(DescribeMcp, ReadsTheRevisionOffHeaderOrMeta) {
  auto legacy = Post("/mcp", R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
  legacy.headers.push_back({"MCP-Protocol-Version", "2025-11-25"});
  EXPECT_EQ(Describe(legacy, "mcp", "f").mcp_version, "2025-11-25");
  const auto meta = Post(
      "/mcp",
      R"({"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"t","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})");
  EXPECT_EQ(Describe(meta, "mcp", "f").mcp_version, "2026-07-28");
}

TEST(DescribeMcp, FallsBackOnMirroredHeadersForALargeBody) {
  auto request = Post("/mcp", "");
  request.body_complete = false;
  request.headers = {{"MCP-Protocol-Version", "2026-07-28"},
                     {"Mcp-Method", "tools/call"},
                     {"Mcp-Name", "=?base64?c8O8w58=?="}};
  const auto call = Describe(request, "mcp", "shop");
  EXPECT_EQ(call.kind, v1::TARGET_KIND_TOOL);
  EXPECT_EQ(call.name, "shop.süß");
  EXPECT_TRUE(call.unclassified);
}

TEST(DescribeHttp, TemplatesIdsInNameAndShape) {
  struct Case {
    std::string_view path;
    std::string_view name;
  };
  for (const Case& c : {
           Case{"/charge", "pay.charge"},
           Case{"/", "pay"},
           Case{"/v1/orders/12345/items", "pay.v1.orders.{id}.items"},
           Case{"/u/550e8400-e29b-41d4-a716-446655440000", "pay.u.{id}"},
           Case{"/blob/9f86d081884c7d659a2feaa0c55ad015", "pay.blob.{id}"},
           Case{"/job/01ARZ3NDEKTSV4RRFFQ69G5FAV/log", "pay.job.{id}.log"},
           Case{"/customers/cus_9s6XKzkNRiz8i3", "pay.customers.{id}"},
           Case{"/get_weather_forecast", "pay.get_weather_forecast"},
           Case{"/feed/face", "pay.feed.face"},
       }) {
    EXPECT_EQ(Describe(Post(c.path, "{}"), "http", "pay").name, c.name);
  }
}

TEST(DescribeHttp, ShapesByMethodPathAndArgumentTypes) {
  const auto call =
      Describe(Post("/orders/7",
                    R"({"lines":[{"sku":"a","n":1},{"sku":"b","n":2.5}],"note":null,"ok":true})"),
               "", "shop");
  EXPECT_EQ(call.shape,
            "POST /orders/{id} {lines[].n:int,lines[].n:num,lines[].sku:str,note:null,ok:bool}");
  EXPECT_EQ(call.arguments,
            R"({"lines":[{"sku":"a","n":1},{"sku":"b","n":2.5}],"note":null,"ok":true})");
  EXPECT_EQ(call.provider, "http");
}

TEST(DescribeHttp, BoundsTheShape) {
  std::string body = "{";
  for (int i = 0; i < 500; ++i) body += "\"key" + std::to_string(i) + "\":1,";
  body += "\"last\":1}";
  EXPECT_LT(Describe(Post("/x", body), "http", "r").shape.size(), 64u);
}

TEST(DescribeHttp, ReadsQueryAndFormAsArguments) {
  auto search = Post("/search", "");
  search.method = "GET";
  search.query = "q=two+words&tag=a&tag=b%20c";
  const auto call = Describe(search, "http", "web");
  EXPECT_EQ(call.arguments, R"({"q":"two words","tag":["a","b c"]})");
  EXPECT_EQ(call.shape, "GET /search {q:str,tag[]:str}");
  auto form = Post("/charges", "amount=12&currency=eur");
  form.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  EXPECT_EQ(Describe(form, "http", "pay").arguments, R"({"amount":"12","currency":"eur"})");
  search.query = "q=%FF%FE";
  EXPECT_EQ(Describe(search, "http", "web").arguments, "");
}

TEST(DescribeHttp, NeverTargetsTelemetry) {
  EXPECT_TRUE(Describe(Post("/v1/traces", "{}"), "http", "collector").telemetry);
  EXPECT_TRUE(Describe(Post("/v1/traces/ingest", "{}"), "openai", "openai").telemetry);
  EXPECT_TRUE(Describe(Post("/api/4505/envelope/", "x"), "", "errors").telemetry);
  EXPECT_TRUE(Describe(Post("/runs", "{}"), "", "langsmith").telemetry);
  auto host = Post("/batch", "{}");
  host.headers.push_back({"Host", "eu.i.posthog.com:443"});
  EXPECT_TRUE(Describe(host, "", "x").telemetry);
  EXPECT_FALSE(Describe(Post("/api/4505/orders", "{}"), "", "shop").telemetry);
  auto logs = Post("/v1/logs", "");
  logs.method = "GET";
  EXPECT_FALSE(Describe(logs, "http", "ops").telemetry);
}

}  // namespace
}  // namespace murphy
