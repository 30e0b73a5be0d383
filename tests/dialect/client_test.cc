// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/dialect/clients.h"
#include "tests/dialect/support.h"

namespace murphy {
namespace {

std::string_view ByAgent(std::string_view agent) {
  return dialect::ClientOf({{"Host", "x"}, {"User-Agent", std::string(agent)}});
}

TEST(Client, IsKnownByItsUserAgent) {
  EXPECT_EQ(ByAgent("OpenAI/Python 3.3.1"), "openai-python");
  EXPECT_EQ(ByAgent("AsyncOpenAI/Python 3.3.1"), "openai-python");
  EXPECT_EQ(ByAgent("ai/7.0.77 ai-sdk/provider-utils/5.0 runtime/node.js/22"), "ai-sdk");
  EXPECT_EQ(ByAgent("langchainjs-openai/1.0.0 ((node/v22; linux; x64))"), "langchain-js");
  EXPECT_EQ(ByAgent("litellm/1.80.0"), "litellm");
  EXPECT_EQ(ByAgent("DSPy/3.4.1"), "dspy");
  EXPECT_EQ(ByAgent("langchain-anthropic/1.7.10"), "langchain-python");
  EXPECT_EQ(ByAgent("Boto3/1.43 md/Botocore#1.43"), "boto");
}

TEST(Client, IsTheFrameworkRatherThanTheSdkThatItUses) {
  EXPECT_EQ(ByAgent("google-genai-sdk/2.19 gl-python/3.12 google-adk/1.0"), "google-adk");
}

TEST(Client, IsKnownByOtherHeadersWhereTheUserAgentSaysNothing) {
  EXPECT_EQ(dialect::ClientOf({{"user-agent", "my-agent"}, {"X-Stainless-Lang", "python"}}),
            "stainless");
  EXPECT_EQ(dialect::ClientOf({{"X-Fern-SDK-Name", "cohere"}}), "cohere");
}

TEST(Client, IsUnknownOtherwise) {
  for (const std::string_view agent : {"", "curl/8.0", "python-httpx/0.28", "not-litellm/1"}) {
    EXPECT_EQ(ByAgent(agent), "") << agent;
  }
}

TEST(Client, FrameworksThatRepeatWithoutSayingSoAreKnown) {
  EXPECT_TRUE(dialect::RepeatsUnmarked("ai-sdk"));
  EXPECT_TRUE(dialect::RepeatsUnmarked("litellm"));
  EXPECT_TRUE(dialect::RepeatsUnmarked("dspy"));
  EXPECT_FALSE(dialect::RepeatsUnmarked("openai-python")) << "it sends a retry header";
  EXPECT_FALSE(dialect::RepeatsUnmarked(""));
}

TEST(Client, IsSaidOfEveryCall) {
  for (const auto& [path, body] : {std::pair{"/v1/chat/completions", R"({"model":"m"})"},
                                   std::pair{"/v1/messages", R"({"model":"m"})"},
                                   std::pair{"/mcp", R"({"jsonrpc":"2.0","id":1,"method":"ping"})"},
                                   std::pair{"/pay", "{}"}}) {
    auto request = Post(path, body);
    request.headers.push_back({"User-Agent", "litellm/1.80.0"});
    EXPECT_EQ(dialect::Recognise(request, "").Describe(request, "r").client, "litellm") << path;
  }
}

}  // namespace
}  // namespace murphy
