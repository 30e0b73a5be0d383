// SPDX-License-Identifier: Apache-2.0
// Answers as they arrive: when they are over, what is kept of them, and which ends are ends.
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
using message::Answer;
using message::Call;
using message::FinishReason;

// Number of the event after which the answer is over, from 1; 0 for none.
size_t OverAfter(const message::Dialect& dialect, std::string_view body, const Call& call = {}) {
  const auto reader = dialect.NewAnswer(200, true, call);
  size_t events = 0;
  for (const auto& part : Stream(body).parts) {
    EXPECT_FALSE(reader->over());
    reader->Read(part);
    ++events;
    if (reader->over()) return events;
  }
  return 0;
}

std::string Event(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

Call Asked(std::string_view name, std::string_view id) {
  Call call;
  call.kind = v1::TARGET_KIND_MCP;
  call.name = name;
  call.rpc_id = id;
  return call;
}

TEST(Over, IsTheDialectsOwnEndMarker) {
  EXPECT_EQ(OverAfter(OpenAiChat(), streams::kChatText), 7u);
  EXPECT_EQ(OverAfter(OpenAiResponses(), streams::kResponsesText), 15u);
  EXPECT_EQ(OverAfter(AnthropicMessages(), streams::kAnthropicStream), 13u);
  EXPECT_EQ(OverAfter(HttpTool(), Event("a") + Event("[DONE]")), 2u);
}

TEST(Over, IsAnErrorInTheMiddle) {
  EXPECT_EQ(OverAfter(OpenAiChat(), Event(R"({"error":{"message":"x"}})")), 1u);
  EXPECT_EQ(OverAfter(OpenAiResponses(), Event(R"({"type":"error","message":"x"})")), 1u);
  EXPECT_EQ(OverAfter(AnthropicMessages(), Event(R"({"type":"error","error":{}})")), 1u);
}

TEST(Over, IsTheResponseToTheRequestOnAnMcpStream) {
  const std::string body = Event(R"({"jsonrpc":"2.0","id":1,"method":"sampling/createMessage"})") +
                           Event(R"({"jsonrpc":"2.0","id":7,"result":{}})") +
                           Event(R"({"jsonrpc":"2.0","id":3,"result":{}})");
  EXPECT_EQ(OverAfter(Mcp(), body, Asked("ping", "3")), 3u);
  EXPECT_EQ(OverAfter(Mcp(), body, Asked("ping", "\"a\"")), 0u);
  EXPECT_EQ(OverAfter(Mcp(), body, Asked("batch", "")), 0u);
  EXPECT_EQ(OverAfter(Mcp(), Event(R"({"id":"\u0061","result":{}})"), Asked("ping", "\"a\"")), 1u);
  EXPECT_EQ(OverAfter(Mcp(), Event(R"({"id":null,"error":{"code":1}})"), Asked("ping", "3")), 1u);
}

TEST(Complete, IsAStreamThatSaidWhyItStopped) {
  const std::string hello = Event(R"({"choices":[{"index":0,"delta":{"content":"Hello"}}]})");
  const std::string stop = Event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
  const auto read = [](std::string_view body) { return OpenAiChat().Read(200, Stream(body)); };
  EXPECT_TRUE(read(hello + stop).complete);
  EXPECT_TRUE(read(hello + stop + "data: [DONE]").complete);
  EXPECT_TRUE(read(hello + "data: [DONE]").complete) << "an end without its blank line";
  EXPECT_TRUE(read(Replaced(hello + Event("[DONE]"), "\n", "\r")).complete);
  EXPECT_EQ(read(Replaced(hello + Event("[DONE]"), "\n", "\r")).text, "Hello");
  EXPECT_FALSE(read(hello).complete);
  EXPECT_FALSE(read(hello + Replaced(stop, "\"stop\"", "null")).complete);
  EXPECT_FALSE(read(hello + stop.substr(0, stop.size() / 2)).complete);
}

TEST(Complete, WaitsForEveryChoice) {
  const std::string both = Event(
      R"({"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]})");
  const std::string first = Event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})");
  EXPECT_FALSE(OpenAiChat().Read(200, Stream(both + first)).complete);
  EXPECT_TRUE(OpenAiChat().Read(200, Stream(both + first + Replaced(first, ":0", ":1"))).complete);
}

TEST(Complete, NeedsNoResponseWhereNoneIsOwed) {
  EXPECT_TRUE(Mcp().Read(200, Stream(""), Asked("GET", "")).complete);
  EXPECT_TRUE(Mcp().Read(202, Plain(""), Asked("response", "4")).complete);
  EXPECT_TRUE(Mcp().Read(202, Plain(""), Asked("notifications/initialized", "")).complete);
  EXPECT_FALSE(Mcp().Read(200, Stream(""), Asked("tools/list", "1")).complete);
  EXPECT_FALSE(
      Mcp().Read(200, Plain(R"({"jsonrpc":"2.0","id":1,"resu)"), Asked("x", "1")).complete);
}

TEST(Answer, NamesWhatTheProviderNames) {
  const Answer chat = OpenAiChat().Read(200, Stream(streams::kChatTools));
  EXPECT_EQ(chat.id, "chatcmpl-BKq");
  EXPECT_EQ(chat.model, "gpt-4o");
  EXPECT_EQ(chat.finish, FinishReason::kToolCalls);
  EXPECT_EQ(chat.tool_calls[0].id, "call_wq7N2");
  const Answer responses = OpenAiResponses().Read(200, Stream(streams::kResponsesText));
  EXPECT_EQ(responses.id, "resp_68a1");
  EXPECT_EQ(responses.model, "gpt-5-mini");
  EXPECT_EQ(responses.finish, FinishReason::kStop);
  EXPECT_EQ(responses.tool_calls[0].id, "call_x1");
  const Answer anthropic = AnthropicMessages().Read(200, Plain(streams::kAnthropicPlain));
  EXPECT_EQ(anthropic.id, "msg_01AbC");
  EXPECT_EQ(anthropic.finish, FinishReason::kToolCalls);
}

TEST(Answer, KeepsRefusalsApart) {
  const Answer answer = OpenAiChat().Read(
      200, Stream(Event(R"({"choices":[{"delta":{"refusal":"I can"}}]})") +
                  Event(R"({"choices":[{"delta":{"refusal":"not."},"finish_reason":"stop"}]})")));
  EXPECT_EQ(answer.refusal, "I cannot.");
  EXPECT_EQ(answer.text, "");
}

TEST(Answer, KeepsABoundedPartAndCountsAll) {
  const auto reader = OpenAiChat().NewAnswer(200, true, {});
  std::string piece;
  for (int i = 0; i < 1000; ++i) piece += "€";
  for (int i = 0; i < 200; ++i) {
    reader->Take("", R"({"choices":[{"index":0,"delta":{"content":")" + piece + R"("}}]})");
  }
  reader->Take("", "[DONE]");
  const Answer answer = reader->Finish(true);
  EXPECT_EQ(answer.said_bytes, 600'000u);
  EXPECT_LE(answer.text.size(), message::kMostKept);
  EXPECT_GT(answer.text.size(), message::kMostKept - 4);
  EXPECT_EQ(answer.text.size() % 3, 0u) << "no character is cut in two";
  EXPECT_TRUE(answer.whole && answer.complete);
}

TEST(Answer, ReadsUsageOffTheTailOfALargeBodyAndNothingElse) {
  const auto tail_of = [](const message::Dialect& dialect, std::string_view tail) {
    const auto reader = dialect.NewAnswer(200, false, {});
    reader->TakeTail(tail);
    return reader->Finish(true);
  };
  const Answer chat = tail_of(
      OpenAiChat(),
      R"(yy \"usage\":{\"prompt_tokens\":9} y"},"finish_reason":"stop"}], "usage" : {"prompt_tokens":7,"completion_tokens":5}, "error":null})");
  EXPECT_EQ(chat.input_tokens, 7u);
  EXPECT_EQ(chat.output_tokens, 5u);
  EXPECT_FALSE(chat.whole);
  EXPECT_FALSE(chat.failed);
  EXPECT_TRUE(chat.complete);
  EXPECT_EQ(chat.finish, FinishReason::kUnknown);
  EXPECT_EQ(tail_of(AnthropicMessages(), R"("usage":{"input_tokens":3,"output_tokens":4}})")
                .output_tokens,
            4u);
  EXPECT_EQ(
      tail_of(OpenAiResponses(), R"(,"usage":{"input_tokens":3,"output_tokens":4}})").input_tokens,
      3u);
  for (const std::string_view tail :
       {"", "yyy\"}", "\"usage\":", "\"usage\":{\"prompt_tokens\":"}) {
    EXPECT_FALSE(tail_of(OpenAiChat(), tail).input_tokens) << tail;
  }
}

TEST(Answer, ThatWasNotSeenWholeProvesNothing) {
  const auto reader = OpenAiChat().NewAnswer(200, true, {});
  reader->Take("", R"({"choices":[{"index":0,"delta":{"content":"a"}}]})");
  const Answer answer = reader->Finish(/*whole=*/false);
  EXPECT_FALSE(answer.whole);
  EXPECT_TRUE(answer.complete);
  EXPECT_FALSE(answer.failed);
}

// Two calls, each announced, and its arguments in two pieces.
std::string TwoCalls(std::string_view first, std::string_view second, bool ids) {
  std::string body;
  for (int n = 0; n < 2; ++n) {
    const std::string index(n == 0 ? first : second);
    const std::string name = n == 0 ? "read_a" : "read_b";
    const std::string id = ids ? R"("id":"call_)" + std::to_string(n) + "\"," : "";
    const auto piece = [&](const std::string& rest) {
      return Event(R"({"choices":[{"index":0,"delta":{"tool_calls":[{)" + index + rest + "}]}}]}");
    };
    body += piece(id + R"("function":{"name":")" + name + R"(","arguments":""})");
    body += piece(R"("function":{"arguments":"{\"path\": "})");
    body += piece(R"("function":{"arguments":"\")" + name + R"(\"}"})");
  }
  return body + Event("[DONE]");
}

TEST(ToolCalls, AreToldApartHoweverTheyAreNumbered) {
  struct Case {
    std::string_view first;
    std::string_view second;
    bool ids;
  };
  for (const Case& c :
       {Case{"\"index\":0,", "\"index\":1,", true}, Case{"\"index\":0,", "\"index\":1,", false},
        Case{"\"index\":0,", "\"index\":0,", true}, Case{"", "", true}, Case{"", "", false}}) {
    auto document = Stream(TwoCalls(c.first, c.second, c.ids));
    const Answer answer = OpenAiChat().Read(200, document);
    ASSERT_EQ(answer.tool_calls.size(), 2u) << c.first << c.second << c.ids;
    EXPECT_EQ(answer.tool_calls[0].arguments, R"({"path": "read_a"})");
    EXPECT_EQ(answer.tool_calls[1].name, "read_b");
    EXPECT_EQ(answer.tool_calls[1].arguments, R"({"path": "read_b"})");
    const auto fields = OpenAiChat().Fields(document);
    ASSERT_EQ(fields.size(), 2u);
    ASSERT_TRUE(message::WriteField(document, fields[0], R"({"path": "x")"));
    EXPECT_EQ(OpenAiChat().Read(200, document).tool_calls[0].arguments, R"({"path": "x")");
    EXPECT_EQ(OpenAiChat().Read(200, document).tool_calls[1].arguments, R"({"path": "read_b"})");
  }
}

TEST(ToolCalls, OfTheProvidersOwnToolsAreNotTheAgents) {
  const auto tool = [](int index, std::string_view kind, std::string_view name) {
    const std::string at = R"("index":)" + std::to_string(index);
    return Event(R"({"type":"content_block_start",)" + at + R"(,"content_block":{"type":")" +
                 std::string(kind) + R"(","id":"t)" + std::to_string(index) + R"(","name":")" +
                 std::string(name) + R"(","input":{}}})") +
           Event(R"({"type":"content_block_delta",)" + at +
                 R"(,"delta":{"type":"input_json_delta","partial_json":"{\"q\":1}"}})");
  };
  const auto document =
      Stream(tool(0, "server_tool_use", "web_search") + tool(1, "tool_use", "get_weather") +
             Event(R"({"type":"message_stop"})"));
  const Answer answer = AnthropicMessages().Read(200, document);
  ASSERT_EQ(answer.tool_calls.size(), 1u);
  EXPECT_EQ(answer.tool_calls[0].name, "get_weather");
  const auto fields = AnthropicMessages().Fields(document);
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].tool, "get_weather");
}

}  // namespace
}  // namespace murphy
