// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <vector>

#include "daemon/dialect/known.h"
#include "faults/message/sse.h"
#include "tests/dialect/streams.h"
#include "tests/dialect/support.h"

namespace murphy {
namespace {

using message::Piece;

std::vector<Piece> Pieces(const message::Dialect& dialect, std::string_view body) {
  std::vector<Piece> pieces;
  for (const auto& part : Stream(body).parts) pieces.push_back(dialect.Classify(part));
  return pieces;
}

constexpr Piece O = Piece::kOther, T = Piece::kText, C = Piece::kToolCall, A = Piece::kArguments,
                E = Piece::kEnd;

TEST(Classify, ChatText) {
  EXPECT_EQ(Pieces(dialect::OpenAiChat(), streams::kChatText),
            (std::vector<Piece>{O, T, T, T, O, O, E}));
}

TEST(Classify, ChatToolCalls) {
  EXPECT_EQ(Pieces(dialect::OpenAiChat(), streams::kChatTools),
            (std::vector<Piece>{C, A, A, C, O, E}));
}

TEST(Classify, Responses) {
  EXPECT_EQ(Pieces(dialect::OpenAiResponses(), streams::kResponsesText),
            (std::vector<Piece>{O, O, O, O, T, T, O, O, O, C, A, A, O, O, E}));
}

TEST(Classify, Anthropic) {
  EXPECT_EQ(Pieces(dialect::AnthropicMessages(), streams::kAnthropicStream),
            (std::vector<Piece>{O, O, O, T, T, O, C, O, A, A, O, O, E}));
}

TEST(Classify, Mcp) {
  EXPECT_EQ(Pieces(dialect::Mcp(), streams::kMcpStream), (std::vector<Piece>{O, E}));
}

TEST(Classify, IsNotFooledByTextThatQuotesTheProtocol) {
  const auto part = message::ParseEvent(
      R"(data: {"choices":[{"index":0,"delta":{"content":"say \"tool_calls\":[{\"name\":\"x\"}]"},"finish_reason":null}]})"
      "\n\n");
  EXPECT_EQ(dialect::OpenAiChat().Classify(part), T);
}

TEST(Classify, AllowsSpacesBetweenKeyAndValue) {
  const auto part = message::ParseEvent(
      "data: {\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"x\"}}]}\n\n");
  EXPECT_EQ(dialect::OpenAiChat().Classify(part), T);
}

}  // namespace
}  // namespace murphy
