// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/dialect/known.h"
#include "tests/dialect/streams.h"
#include "tests/dialect/support.h"

namespace murphy {
namespace {

using dialect::AnthropicMessages;
using dialect::HttpTool;
using dialect::Mcp;
using dialect::OpenAiChat;
using dialect::OpenAiResponses;

TEST(ReadChat, PutsAStreamTogether) {
  const auto answer = OpenAiChat().Read(200, Stream(streams::kChatText));
  EXPECT_EQ(answer.text, "The balance is 42 €.");
  EXPECT_TRUE(answer.complete);
  EXPECT_FALSE(answer.failed);
  EXPECT_EQ(answer.input_tokens, 31u);
  EXPECT_EQ(answer.output_tokens, 7u);
}

TEST(ReadChat, SeparatesParallelToolCalls) {
  const auto answer = OpenAiChat().Read(200, Stream(streams::kChatTools));
  ASSERT_EQ(answer.tool_calls.size(), 2u);
  EXPECT_EQ(answer.tool_calls[0].name, "charge");
  EXPECT_EQ(answer.tool_calls[0].arguments, R"({"amount":12})");
  EXPECT_EQ(answer.tool_calls[1].name, "notify");
  EXPECT_EQ(answer.tool_calls[1].arguments, "{}");
  EXPECT_FALSE(answer.input_tokens.has_value());
}

TEST(ReadChat, ReadsAPlainAnswer) {
  const auto answer = OpenAiChat().Read(200, Plain(streams::kChatPlain));
  EXPECT_EQ(answer.text, "I charge you now.");
  ASSERT_EQ(answer.tool_calls.size(), 1u);
  EXPECT_EQ(answer.tool_calls[0].arguments, R"({"amount":12})");
  EXPECT_TRUE(answer.complete);
}

TEST(ReadChat, SeesThatAStreamBrokeOff) {
  const std::string_view whole = streams::kChatText;
  const size_t last = whole.rfind("data:", whole.find(R"("finish_reason":"stop")"));
  const auto answer = OpenAiChat().Read(200, Stream(whole.substr(0, last)));
  EXPECT_FALSE(answer.complete);
  EXPECT_FALSE(answer.failed);
  EXPECT_FALSE(OpenAiChat().Read(200, Plain(streams::kChatPlain.substr(0, 100))).complete);
}

TEST(ReadChat, SeesAnErrorInsideAStream) {
  const std::string body =
      std::string(streams::kChatTools.substr(0, 300)) +
      "\n\ndata: {\"error\":{\"message\":\"x\",\"type\":\"server_error\"}}\n\n";
  EXPECT_TRUE(OpenAiChat().Read(200, Stream(body)).failed);
}

TEST(ReadResponses, PutsAStreamTogetherOnce) {
  const auto answer = OpenAiResponses().Read(200, Stream(streams::kResponsesText));
  EXPECT_EQ(answer.text, "Paid in full.");
  ASSERT_EQ(answer.tool_calls.size(), 1u);
  EXPECT_EQ(answer.tool_calls[0].name, "receipt");
  EXPECT_EQ(answer.tool_calls[0].arguments, R"({"id":7})");
  EXPECT_TRUE(answer.complete);
  EXPECT_FALSE(answer.failed);
  EXPECT_EQ(answer.input_tokens, 40u);
  EXPECT_EQ(answer.output_tokens, 12u);
}

TEST(ReadResponses, AcceptsBothShapesOfAnErrorEvent) {
  for (
      const std::string_view data :
      {R"({"type":"error","sequence_number":2,"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"m","param":null}})",
       R"({"type":"error","code":"server_error","message":"m","param":null,"sequence_number":2})"}) {
    const auto answer =
        OpenAiResponses().Read(200, Stream("event: error\ndata: " + std::string(data) + "\n\n"));
    EXPECT_TRUE(answer.failed);
    EXPECT_FALSE(answer.complete);
  }
}

TEST(ReadResponses, ReadsAPlainAnswerAndAPlainFailure) {
  const auto answer = OpenAiResponses().Read(
      200,
      Plain(
          R"({"status":"completed","error":null,"output":[{"type":"reasoning","summary":[]},{"type":"message","content":[{"type":"output_text","text":"a"},{"type":"output_text","text":"b"}]}],"usage":{"input_tokens":3,"output_tokens":4}})"));
  EXPECT_EQ(answer.text, "ab");
  EXPECT_EQ(answer.output_tokens, 4u);
  EXPECT_FALSE(answer.failed);
  EXPECT_TRUE(OpenAiResponses()
                  .Read(200, Plain(R"({"status":"failed","error":{"code":"server_error"}})"))
                  .failed);
}

TEST(ReadAnthropic, AddsCachedTokensToTheInput) {
  const auto answer = AnthropicMessages().Read(200, Stream(streams::kAnthropicStream));
  EXPECT_EQ(answer.text, "Let me look.");
  ASSERT_EQ(answer.tool_calls.size(), 1u);
  EXPECT_EQ(answer.tool_calls[0].name, "lookup");
  EXPECT_EQ(answer.tool_calls[0].arguments, R"({"city": "Paris"})");
  EXPECT_EQ(answer.input_tokens, 600u);
  EXPECT_EQ(answer.output_tokens, 89u);
  EXPECT_TRUE(answer.complete);
}

TEST(ReadAnthropic, ReadsPlainAnswersAndErrors) {
  const auto answer = AnthropicMessages().Read(200, Plain(streams::kAnthropicPlain));
  EXPECT_EQ(answer.text, "Let me look.");
  EXPECT_EQ(answer.tool_calls[0].arguments, R"({"city": "Paris"})");
  EXPECT_EQ(answer.tool_calls[0].id, "toolu_01T1");
  EXPECT_EQ(answer.input_tokens, 15u);
  const auto error =
      AnthropicMessages().Read(200, Stream("event: error\ndata: "
                                           "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_"
                                           "error\",\"message\":\"Overloaded\"}}\n\n"));
  EXPECT_TRUE(error.failed);
  EXPECT_FALSE(error.complete);
}

TEST(ReadMcp, TellsResultsFromFailures) {
  const auto answer = Mcp().Read(200, Plain(streams::kMcpPlain));
  EXPECT_EQ(answer.text, R"({"temperature":22.5})");
  EXPECT_FALSE(answer.failed);
  EXPECT_TRUE(
      Mcp()
          .Read(200, Plain(R"({"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":true}})"))
          .failed);
  EXPECT_FALSE(
      Mcp()
          .Read(200, Plain(R"({"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":false}})"))
          .failed);
  EXPECT_TRUE(
      Mcp()
          .Read(200, Plain(R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"x"}})"))
          .failed);
  EXPECT_FALSE(Mcp().Read(202, Plain("")).failed);
  EXPECT_TRUE(Mcp().Read(202, Plain("")).complete);
}

TEST(ReadMcp, WaitsForTheAnswerInAStream) {
  EXPECT_TRUE(Mcp().Read(200, Stream(streams::kMcpStream)).complete);
  const std::string_view progress =
      streams::kMcpStream.substr(0, streams::kMcpStream.find("\n\n") + 2);
  EXPECT_FALSE(Mcp().Read(200, Stream(progress)).complete);
}

TEST(ReadHttp, GoesByTheStatus) {
  EXPECT_TRUE(HttpTool().Read(503, Plain("busy")).failed);
  EXPECT_FALSE(HttpTool().Read(200, Plain("ok")).failed);
  EXPECT_EQ(HttpTool().Read(200, Plain("ok")).text, "ok");
}

TEST(Read, TakesAnErrorStatusForAFailureWhateverTheBody) {
  for (const message::Dialect* dialect :
       {&OpenAiChat(), &OpenAiResponses(), &AnthropicMessages(), &Mcp(), &HttpTool()}) {
    const auto answer = dialect->Read(502, Plain("<html>bad gateway</html>"));
    EXPECT_TRUE(answer.failed) << dialect->name();
    EXPECT_TRUE(answer.complete) << dialect->name();
  }
}

TEST(MakeDocument, KeepsEveryByteOfAStream) {
  const std::string cut = std::string(streams::kAnthropicStream) + "event: ping\ndata: {";
  EXPECT_EQ(message::Bytes(Stream(cut)), cut);
  EXPECT_EQ(Stream(cut).parts.back().data, "");
  EXPECT_FALSE(dialect::MakeDocument("application/json", "data: x\n\n").stream);
  EXPECT_TRUE(dialect::MakeDocument("Text/Event-Stream", "data: x\n\n").stream);
}

}  // namespace
}  // namespace murphy
