// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <tuple>

#include "daemon/dialect/edit.h"
#include "daemon/dialect/known.h"
#include "tests/dialect/streams.h"
#include "tests/dialect/support.h"

namespace murphy {
namespace {

using dialect::AnthropicMessages;
using dialect::OpenAiChat;
using dialect::OpenAiResponses;

TEST(EndEarly, EndsAChatStream) {
  auto document = Stream(streams::kChatText);
  ASSERT_TRUE(EndAfter(OpenAiChat(), document, 13));
  const auto answer = OpenAiChat().Read(200, document);
  EXPECT_EQ(answer.text, "The balance i");
  EXPECT_TRUE(answer.complete);
  const std::string bytes = message::Bytes(document);
  EXPECT_EQ(document.parts.size(), 6u);
  EXPECT_NE(bytes.find(R"("finish_reason":"length")"), std::string::npos);
  EXPECT_EQ(bytes.find(R"("finish_reason":"stop")"), std::string::npos);
  EXPECT_NE(bytes.find(R"("delta":{"content":" i"},"logprobs":null)"), std::string::npos);
}

TEST(EndEarly, RemovesToolCallsBehindTheCut) {
  auto plain = Plain(streams::kChatPlain);
  ASSERT_TRUE(EndAfter(OpenAiChat(), plain, 8));
  const auto answer = OpenAiChat().Read(200, plain);
  EXPECT_EQ(answer.text, "I charge");
  EXPECT_TRUE(answer.tool_calls.empty());
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(message::Bytes(plain).find("tool_calls"), std::string::npos);
  EXPECT_NE(message::Bytes(plain).find("        \"refusal\": null\n"), std::string::npos);
  EXPECT_NE(message::Bytes(plain).find("\"finish_reason\": \"length\""), std::string::npos);
}

TEST(EndEarly, MeansNothingWithoutText) {
  auto document = Stream(streams::kChatTools);
  EXPECT_FALSE(EndAfter(OpenAiChat(), document, 5));
  EXPECT_EQ(message::Bytes(document), streams::kChatTools);
  auto tool = Plain(streams::kMcpPlain);
  const message::Stop stop{dialect::Mcp().Fields(tool).front(), 1};
  EXPECT_FALSE(dialect::Mcp().EndEarly(tool, {stop}, message::FinishReason::kLength));
  EXPECT_FALSE(dialect::HttpTool().EndEarly(tool, {stop}, message::FinishReason::kLength));
}

TEST(EndEarly, IsSaidEverywhereInAResponsesStream) {
  auto document = Stream(streams::kResponsesText);
  ASSERT_TRUE(EndAfter(OpenAiResponses(), document, 6));
  const std::string bytes = message::Bytes(document);
  EXPECT_EQ(OpenAiResponses().Read(200, document).text, "Paid i");
  EXPECT_EQ(Occurrences(bytes, "\"Paid i\""), 4u);
  EXPECT_EQ(Occurrences(bytes, "in full"), 0u);
  EXPECT_EQ(Occurrences(bytes, "function_call"), 0u);
  EXPECT_EQ(Occurrences(bytes, "completed"), 0u);
  EXPECT_EQ(
      Occurrences(bytes, "event: response.incomplete\ndata: {\"type\":\"response.incomplete\""),
      1u);
  EXPECT_NE(
      bytes.find(
          R"("status":"incomplete","error":null,"incomplete_details":{"reason":"max_output_tokens"})"),
      std::string::npos);
  // Two items, in their own event and in the last.
  EXPECT_EQ(Occurrences(bytes, R"("type":"message","status":"incomplete")"), 2u);
  EXPECT_NE(bytes.find(R"("type":"response.incomplete","sequence_number":9,)"), std::string::npos);
  EXPECT_TRUE(OpenAiResponses().Read(200, document).complete);
}

TEST(EndEarly, EndsAPlainResponse) {
  auto document = Plain(R"({
  "status": "completed",
  "error": null,
  "incomplete_details": null,
  "output": [
    {
      "type": "message",
      "status": "completed",
      "content": [
        {
          "type": "output_text",
          "text": "four"
        }
      ]
    },
    {
      "type": "function_call",
      "arguments": "{}"
    }
  ]
})");
  ASSERT_TRUE(EndAfter(OpenAiResponses(), document, 2));
  EXPECT_EQ(message::Bytes(document), R"({
  "status": "incomplete",
  "error": null,
  "incomplete_details": {"reason":"max_output_tokens"},
  "output": [
    {
      "type": "message",
      "status": "incomplete",
      "content": [
        {
          "type": "output_text",
          "text": "fo"
        }
      ]
    }
  ]
})");
}

TEST(EndEarly, EndsAnAnthropicStream) {
  auto document = Stream(streams::kAnthropicStream);
  ASSERT_TRUE(EndAfter(AnthropicMessages(), document, 3));
  const auto answer = AnthropicMessages().Read(200, document);
  EXPECT_EQ(answer.text, "Let");
  EXPECT_TRUE(answer.tool_calls.empty());
  EXPECT_TRUE(answer.complete);
  const std::string bytes = message::Bytes(document);
  EXPECT_NE(
      bytes.find(
          R"("delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"output_tokens":89}  })"),
      std::string::npos);
  EXPECT_NE(bytes.find("data: {\"type\":\"content_block_stop\",\"index\":0        }\n"),
            std::string::npos);
  EXPECT_EQ(Occurrences(bytes, "\"index\":1"), 0u);
  EXPECT_EQ(Occurrences(bytes, "text_delta"), 1u);
}

TEST(EndEarly, EndsAPlainAnthropicMessage) {
  auto document = Plain(streams::kAnthropicPlain);
  ASSERT_TRUE(EndAfter(AnthropicMessages(), document, 6));
  EXPECT_NE(message::Bytes(document).find(
                R"("content":[{"type":"text","text":"Let me"}],"stop_reason":"max_tokens")"),
            std::string::npos);
}

TEST(EndEarly, KeepsNothingAtShareZero) {
  for (const auto& [dialect, body] : {std::pair{&OpenAiChat(), streams::kChatText},
                                      std::pair{&OpenAiResponses(), streams::kResponsesText},
                                      std::pair{&AnthropicMessages(), streams::kAnthropicStream}}) {
    auto document = Stream(body);
    ASSERT_TRUE(EndAfter(*dialect, document, 0));
    const auto answer = dialect->Read(200, document);
    EXPECT_EQ(answer.text, "") << dialect->name();
    EXPECT_TRUE(answer.complete) << dialect->name();
    EXPECT_FALSE(answer.failed) << dialect->name();
  }
}

TEST(RemoveMember, TakesTheRightComma) {
  struct Case {
    std::string_view json;
    std::string_view left;
  };
  for (const Case& c : {Case{R"({"x":1,"y":[2],"z":3})", R"({"x":1,"z":3})"},
                        Case{R"({"y":[2], "z":3})", R"({"z":3})"}, Case{R"({"y":[2]})", R"({})"},
                        Case{"{\"x\": 1,\n  \"y\": []\n}", "{\"x\": 1\n}"}}) {
    auto document = Plain(c.json);
    EXPECT_TRUE(dialect::RemoveMember(document.parts[0], "/y"));
    EXPECT_EQ(message::Bytes(document), c.left);
  }
}

TEST(EndEarly, SaysTheReasonsThatAProviderKnows) {
  for (const auto& [dialect, body, said] :
       {std::tuple{&OpenAiChat(), streams::kChatText, R"("finish_reason":"content_filter")"},
        std::tuple{&OpenAiResponses(), streams::kResponsesText, R"("reason":"content_filter")"},
        std::tuple{&AnthropicMessages(), streams::kAnthropicStream,
                   R"("stop_reason":"refusal")"}}) {
    auto document = Stream(body);
    const message::Stop stop{dialect->Fields(document).front(), 2};
    ASSERT_TRUE(dialect->EndEarly(document, {stop}, message::FinishReason::kFiltered));
    EXPECT_NE(message::Bytes(document).find(said), std::string::npos) << dialect->name();
    EXPECT_EQ(dialect->Read(200, document).finish, message::FinishReason::kFiltered);
    EXPECT_FALSE(dialect->EndEarly(document, {stop}, message::FinishReason::kUnknown));
  }
}

}  // namespace
}  // namespace murphy
