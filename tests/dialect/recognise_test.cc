// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/dialect/support.h"

namespace murphy {
namespace {

std::string Name(const message::Request& request, std::string_view provider) {
  return std::string(dialect::Recognise(request, provider).name());
}

v1::TargetKind Kind(const message::Request& request, std::string_view provider) {
  return dialect::Recognise(request, provider).Describe(request, "r").kind;
}

constexpr std::string_view kChat = R"({"model":"gpt-4o","messages":[]})";
constexpr std::string_view kRpc = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";

TEST(Recognise, ReadsTheApiOffTheEndOfThePath) {
  EXPECT_EQ(Name(Post("/v1/chat/completions", kChat), "openai"), "openai_chat");
  EXPECT_EQ(Name(Post("/openai/v1/chat/completions/", kChat), "openai"), "openai_chat");
  EXPECT_EQ(Name(Post("/v1/responses", kChat), "openai"), "openai_responses");
  EXPECT_EQ(Name(Post("/v1/messages", kChat), "anthropic"), "anthropic_messages");
  EXPECT_EQ(Name(Post("/v1/embeddings", kChat), "openai"), "openai_chat");
}

TEST(Recognise, TakesOtherPathsOfAProviderForPlainHttp) {
  message::Request models = Post("/v1/models", "");
  models.method = "GET";
  EXPECT_EQ(Name(models, "openai"), "http");
  EXPECT_EQ(Kind(models, "openai"), v1::TARGET_KIND_HTTP);
  EXPECT_EQ(Kind(Post("/v1/messages/count_tokens", kChat), "anthropic"), v1::TARGET_KIND_HTTP);
  message::Request stored = Post("/v1/responses", "");
  stored.method = "GET";
  EXPECT_EQ(Kind(stored, "openai"), v1::TARGET_KIND_HTTP);
}

TEST(Recognise, ReadsUnknownRoutesOffTheRequest) {
  EXPECT_EQ(Name(Post("/v1/chat/completions", kChat), ""), "openai_chat");
  EXPECT_EQ(Name(Post("/rpc", kRpc), ""), "mcp");
  EXPECT_EQ(Name(Post("/charge", R"({"amount":1})"), ""), "http");
  EXPECT_EQ(Kind(Post("/charge", R"({"amount":1})"), ""), v1::TARGET_KIND_TOOL);
}

TEST(Recognise, DoesNotTakeAToolForAModelByItsPathAlone) {
  EXPECT_EQ(Name(Post("/messages", R"({"to":"ann","text":"hi"})"), ""), "http");
  EXPECT_EQ(Name(Post("/v1/responses", R"({"answer":1})"), ""), "http");
}

TEST(Recognise, TakesAzuresDeploymentForTheModel) {
  const auto call = [](std::string_view body) {
    const auto request = Post("/openai/deployments/gpt-4o-prod/chat/completions", body);
    return dialect::Recognise(request, "").Describe(request, "azure");
  };
  EXPECT_EQ(call(R"({"messages":[]})").kind, v1::TARGET_KIND_MODEL);
  EXPECT_EQ(call(R"({"messages":[]})").name, "gpt-4o-prod");
  EXPECT_EQ(call(R"({"messages":[],"model":"gpt-4o"})").name, "gpt-4o");
  EXPECT_EQ(call("oops").name, "gpt-4o-prod");
}

TEST(Recognise, KnowsAnthropicWithoutItsVersionInThePath) {
  EXPECT_EQ(Name(Post("/messages", kChat), "anthropic"), "anthropic_messages");
  EXPECT_EQ(Name(Post("/messages", kChat), ""), "anthropic_messages");
}

TEST(Recognise, KnowsMcpByItsHeadersWithoutABody) {
  message::Request stream = Post("/mcp", "");
  stream.method = "GET";
  stream.headers = {{"MCP-Session-Id", "abc"}, {"Accept", "text/event-stream"}};
  EXPECT_EQ(Name(stream, ""), "mcp");
  message::Request large = Post("/mcp", "");
  large.body_complete = false;
  large.headers = {{"Mcp-Method", "tools/call"}};
  EXPECT_EQ(Name(large, ""), "mcp");
}

TEST(Recognise, LeavesAnMcpServersAuthorisationAlone) {
  message::Request metadata = Post("/.well-known/oauth-protected-resource", "");
  metadata.method = "GET";
  EXPECT_EQ(Kind(metadata, "mcp"), v1::TARGET_KIND_HTTP);
  EXPECT_EQ(Kind(Post("/token", "grant_type=refresh_token"), "mcp"), v1::TARGET_KIND_HTTP);
  EXPECT_EQ(Kind(Post("/mcp", kRpc), "mcp"), v1::TARGET_KIND_MCP);
}

TEST(Recognise, ObeysARouteThatSaysPlainHttp) {
  EXPECT_EQ(Name(Post("/rpc", kRpc), "http"), "http");
}

TEST(Recognise, NeverMistakesAStringForAKey) {
  EXPECT_EQ(Name(Post("/log", R"({"line":"\"jsonrpc\":\"2.0\""})"), ""), "http");
}

}  // namespace
}  // namespace murphy
