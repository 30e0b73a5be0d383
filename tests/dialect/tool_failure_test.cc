// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/dialect/known.h"
#include "tests/dialect/support.h"

namespace murphy {
namespace {

using dialect::HttpTool;
using dialect::Mcp;
using message::FindHeader;

using message::ToolChannel;
using message::ToolError;

message::Call Tool(std::string_view id, std::string_view version) {
  message::Call call;
  call.kind = v1::TARGET_KIND_TOOL;
  call.rpc_id = id;
  call.mcp_version = version;
  return call;
}

TEST(Failure, IsAResultThatModelsSeeInMcp) {
  const ToolError fault{.kind = v1::TOOL_ERROR_KIND_TIMEOUT, .message = "upstream \"slow\""};
  const auto response = Mcp().Failure(fault, Tool("\"a\"", "2025-11-25"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(FindHeader(response->headers, "content-type"), "application/json");
  EXPECT_EQ(
      response->body,
      R"({"jsonrpc":"2.0","id":"a","result":{"content":[{"type":"text","text":"upstream \"slow\""}],"isError":true}})");
}

TEST(Failure, SaysThatItIsCompleteInTheStatelessEra) {
  const auto response =
      Mcp().Failure(ToolError{.kind = v1::TOOL_ERROR_KIND_RATE, .channel = ToolChannel::kNative},
                    Tool("4", "2026-07-28"));
  EXPECT_EQ(
      response->body,
      R"({"jsonrpc":"2.0","id":4,"result":{"resultType":"complete","content":[{"type":"text","text":"Rate limit exceeded"}],"isError":true}})");
}

TEST(Failure, TakesTheOtherChannelsOfMcp) {
  const ToolError fault{.kind = v1::TOOL_ERROR_KIND_NOT_FOUND, .channel = ToolChannel::kJsonRpc};
  EXPECT_EQ(Mcp().Failure(fault, Tool("4", ""))->body,
            R"({"jsonrpc":"2.0","id":4,"error":{"code":-32002,"message":"Resource not found"}})");
  EXPECT_EQ(Mcp().Failure(fault, Tool("4", "2026-07-28"))->body,
            R"({"jsonrpc":"2.0","id":4,"error":{"code":-32602,"message":"Resource not found"}})");
  EXPECT_EQ(
      Mcp()
          .Failure(ToolError{.kind = v1::TOOL_ERROR_KIND_TIMEOUT, .channel = ToolChannel::kHttp},
                   Tool("4", ""))
          ->status,
      504);
}

TEST(Failure, IsAStatusInPlainHttp) {
  struct Case {
    v1::ToolErrorKind kind;
    int status;
  };
  for (const Case& c :
       {Case{v1::TOOL_ERROR_KIND_TIMEOUT, 504}, Case{v1::TOOL_ERROR_KIND_NOT_FOUND, 404},
        Case{v1::TOOL_ERROR_KIND_AUTH, 401}, Case{v1::TOOL_ERROR_KIND_VALIDATION, 422},
        Case{v1::TOOL_ERROR_KIND_RATE, 429}, Case{v1::TOOL_ERROR_KIND_INTERNAL, 500},
        Case{v1::TOOL_ERROR_KIND_UNSPECIFIED, 500}}) {
    const auto response = HttpTool().Failure(
        ToolError{.kind = c.kind, .channel = ToolChannel::kNative}, Tool("", ""));
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, c.status);
    EXPECT_TRUE(HttpTool().Read(response->status, Plain(response->body)).failed);
  }
  EXPECT_EQ(
      HttpTool()
          .Failure(ToolError{.kind = v1::TOOL_ERROR_KIND_TIMEOUT, .channel = ToolChannel::kNative},
                   Tool("", ""))
          ->body,
      R"({"error":{"code":"timeout","message":"The operation timed out"}})");
}

TEST(Failure, MeansNothingWhereNoToolIsCalled) {
  const ToolError fault{.kind = v1::TOOL_ERROR_KIND_TIMEOUT, .channel = ToolChannel::kNative};
  message::Call call = Tool("1", "");
  EXPECT_FALSE(dialect::OpenAiChat().Failure(fault, call));
  EXPECT_FALSE(dialect::OpenAiResponses().Failure(fault, call));
  EXPECT_FALSE(dialect::AnthropicMessages().Failure(fault, call));
  EXPECT_FALSE(HttpTool().Failure(
      ToolError{.kind = v1::TOOL_ERROR_KIND_TIMEOUT, .channel = ToolChannel::kJsonRpc}, call));
  call.kind = v1::TARGET_KIND_MCP;
  EXPECT_FALSE(Mcp().Failure(fault, call));
}

}  // namespace
}  // namespace murphy
