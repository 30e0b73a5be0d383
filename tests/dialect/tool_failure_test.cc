// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/dialect/known.h"
#include "tests/dialect/support.h"

namespace murphy {
namespace {

using dialect::HttpTool;
using dialect::Mcp;
using message::FindHeader;

v1::ToolErrorFault Fault(v1::ToolErrorKind kind, v1::ToolErrorChannel channel) {
  v1::ToolErrorFault fault;
  fault.set_kind(kind);
  fault.set_channel(channel);
  return fault;
}

message::Call Tool(std::string_view id, std::string_view version) {
  message::Call call;
  call.kind = v1::TARGET_KIND_TOOL;
  call.rpc_id = id;
  call.mcp_version = version;
  return call;
}

TEST(ToolFailure, IsAResultThatModelsSeeInMcp) {
  auto fault = Fault(v1::TOOL_ERROR_KIND_TIMEOUT, v1::TOOL_ERROR_CHANNEL_UNSPECIFIED);
  fault.set_message("upstream \"slow\"");
  const auto response = Mcp().ToolFailure(fault, Tool("\"a\"", "2025-11-25"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(FindHeader(response->headers, "content-type"), "application/json");
  EXPECT_EQ(
      response->body,
      R"({"jsonrpc":"2.0","id":"a","result":{"content":[{"type":"text","text":"upstream \"slow\""}],"isError":true}})");
}

TEST(ToolFailure, SaysThatItIsCompleteInTheStatelessEra) {
  const auto response = Mcp().ToolFailure(
      Fault(v1::TOOL_ERROR_KIND_RATE, v1::TOOL_ERROR_CHANNEL_NATIVE), Tool("4", "2026-07-28"));
  EXPECT_EQ(
      response->body,
      R"({"jsonrpc":"2.0","id":4,"result":{"resultType":"complete","content":[{"type":"text","text":"Rate limit exceeded"}],"isError":true}})");
}

TEST(ToolFailure, TakesTheOtherChannelsOfMcp) {
  const auto fault = Fault(v1::TOOL_ERROR_KIND_NOT_FOUND, v1::TOOL_ERROR_CHANNEL_JSON_RPC);
  EXPECT_EQ(Mcp().ToolFailure(fault, Tool("4", ""))->body,
            R"({"jsonrpc":"2.0","id":4,"error":{"code":-32002,"message":"Resource not found"}})");
  EXPECT_EQ(Mcp().ToolFailure(fault, Tool("4", "2026-07-28"))->body,
            R"({"jsonrpc":"2.0","id":4,"error":{"code":-32602,"message":"Resource not found"}})");
  EXPECT_EQ(Mcp()
                .ToolFailure(Fault(v1::TOOL_ERROR_KIND_TIMEOUT, v1::TOOL_ERROR_CHANNEL_HTTP),
                             Tool("4", ""))
                ->status,
            504);
}

TEST(ToolFailure, IsAStatusInPlainHttp) {
  struct Case {
    v1::ToolErrorKind kind;
    int status;
  };
  for (const Case& c :
       {Case{v1::TOOL_ERROR_KIND_TIMEOUT, 504}, Case{v1::TOOL_ERROR_KIND_NOT_FOUND, 404},
        Case{v1::TOOL_ERROR_KIND_AUTH, 401}, Case{v1::TOOL_ERROR_KIND_VALIDATION, 422},
        Case{v1::TOOL_ERROR_KIND_RATE, 429}, Case{v1::TOOL_ERROR_KIND_INTERNAL, 500},
        Case{v1::TOOL_ERROR_KIND_UNSPECIFIED, 500}}) {
    const auto response =
        HttpTool().ToolFailure(Fault(c.kind, v1::TOOL_ERROR_CHANNEL_NATIVE), Tool("", ""));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, c.status);
    EXPECT_TRUE(HttpTool().Read(response->status, Plain(response->body)).failed);
  }
  EXPECT_EQ(HttpTool()
                .ToolFailure(Fault(v1::TOOL_ERROR_KIND_TIMEOUT, v1::TOOL_ERROR_CHANNEL_NATIVE),
                             Tool("", ""))
                ->body,
            R"({"error":{"code":"timeout","message":"The operation timed out"}})");
}

TEST(ToolFailure, MeansNothingWhereNoToolIsCalled) {
  const auto fault = Fault(v1::TOOL_ERROR_KIND_TIMEOUT, v1::TOOL_ERROR_CHANNEL_NATIVE);
  message::Call call = Tool("1", "");
  EXPECT_FALSE(dialect::OpenAiChat().ToolFailure(fault, call));
  EXPECT_FALSE(dialect::OpenAiResponses().ToolFailure(fault, call));
  EXPECT_FALSE(dialect::AnthropicMessages().ToolFailure(fault, call));
  EXPECT_FALSE(HttpTool().ToolFailure(
      Fault(v1::TOOL_ERROR_KIND_TIMEOUT, v1::TOOL_ERROR_CHANNEL_JSON_RPC), call));
  call.kind = v1::TARGET_KIND_MCP;
  EXPECT_FALSE(Mcp().ToolFailure(fault, call));
}

}  // namespace
}  // namespace murphy
