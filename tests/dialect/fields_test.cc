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
using message::FieldKind;

TEST(Fields, ChangeEveryCopyInAResponsesStreamAndNothingElse) {
  auto document = Stream(streams::kResponsesText);
  const auto fields = OpenAiResponses().Fields(document);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].kind, FieldKind::kText);
  EXPECT_EQ(fields[0].pieces.size(), 2u);
  EXPECT_EQ(fields[0].copies.size(), 4u);
  ASSERT_TRUE(message::WriteField(document, fields[0], "Sent in half."));
  const std::string bytes = message::Bytes(document);
  EXPECT_EQ(Occurrences(bytes, "Paid"), 0u);
  EXPECT_EQ(Occurrences(bytes, "\"Sent in half.\""), 4u);
  EXPECT_EQ(bytes,
            Replaced(Replaced(streams::kResponsesText, "Paid", "Sent"), "in full", "in half"));
}

TEST(Fields, ChangeEveryCopyOfArguments) {
  auto document = Stream(streams::kResponsesText);
  const auto fields = OpenAiResponses().Fields(document);
  EXPECT_EQ(fields[1].kind, FieldKind::kArguments);
  EXPECT_EQ(fields[1].tool, "receipt");
  EXPECT_FALSE(fields[1].json);
  EXPECT_EQ(message::ReadField(document, fields[1]), R"({"id":7})");
  ASSERT_TRUE(message::WriteField(document, fields[1], R"({"id":8})"));
  const auto answer = OpenAiResponses().Read(200, document);
  EXPECT_EQ(answer.tool_calls[0].arguments, R"({"id":8})");
  EXPECT_EQ(Occurrences(message::Bytes(document), R"({\"id\":8})"), 3u);
  EXPECT_EQ(Occurrences(message::Bytes(document), "7}"), 0u);
}

TEST(Fields, KeepAnthropicsPadding) {
  auto document = Stream(streams::kAnthropicStream);
  const auto fields = AnthropicMessages().Fields(document);
  ASSERT_EQ(fields.size(), 2u);
  ASSERT_TRUE(message::WriteField(document, fields[0], "Let us look."));
  EXPECT_EQ(AnthropicMessages().Read(200, document).text, "Let us look.");
  const std::string bytes = message::Bytes(document);
  EXPECT_NE(bytes.find(R"("}      })"), std::string::npos);
  EXPECT_NE(bytes.find("data: {\"type\": \"ping\"}\n"), std::string::npos);
  EXPECT_EQ(bytes.size(), streams::kAnthropicStream.size());
}

TEST(Fields, SpreadAChatTextOverItsChunks) {
  auto document = Stream(streams::kChatText);
  const auto fields = OpenAiChat().Fields(document);
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(message::ReadField(document, fields[0]), "The balance is 42 €.");
  EXPECT_EQ(fields[0].pieces.size(), 3u);
  ASSERT_TRUE(message::WriteField(document, fields[0], "Ignore € that."));
  EXPECT_EQ(OpenAiChat().Read(200, document).text, "Ignore € that.");
}

TEST(Fields, FindPlainValuesWithoutDisturbingTheLayout) {
  auto document = Plain(streams::kChatPlain);
  const auto fields = OpenAiChat().Fields(document);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[1].tool, "charge");
  ASSERT_TRUE(message::WriteField(document, fields[1], R"({"amount":13})"));
  EXPECT_EQ(message::Bytes(document), Replaced(streams::kChatPlain, ":12}", ":13}"));
}

TEST(Fields, TakeAnthropicsPlainArgumentsForJson) {
  auto document = Plain(streams::kAnthropicPlain);
  const auto fields = AnthropicMessages().Fields(document);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_TRUE(fields[1].json);
  EXPECT_EQ(message::ReadField(document, fields[1]), R"({"city": "Paris"})");
}

TEST(Fields, UseACopyWhereAStreamHasNoDeltas) {
  auto document = Stream(
      "event: response.completed\ndata: "
      "{\"type\":\"response.completed\",\"sequence_number\":0,\"response\":{\"status\":"
      "\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\","
      "\"text\":\"all at once\"}]}]}}\n\n");
  const auto fields = OpenAiResponses().Fields(document);
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(message::ReadField(document, fields[0]), "all at once");
  EXPECT_TRUE(message::WriteField(document, fields[0], "other"));
  EXPECT_EQ(OpenAiResponses().Read(200, document).text, "other");
}

TEST(Fields, OfAToolResultAreItsTextsAndItsStructure) {
  auto document = Plain(streams::kMcpPlain);
  const auto fields = Mcp().Fields(document);
  ASSERT_EQ(fields.size(), 2u);
  EXPECT_EQ(fields[0].kind, FieldKind::kResult);
  EXPECT_FALSE(fields[0].json);
  EXPECT_EQ(message::ReadField(document, fields[0]), R"({"temperature":22.5})");
  EXPECT_TRUE(fields[1].json);
  EXPECT_EQ(message::ReadField(document, fields[1]), R"({"temperature":22.5})");
  ASSERT_TRUE(message::WriteField(document, fields[1], R"({"temperature":25.2})"));
  EXPECT_NE(message::Bytes(document).find(R"("structuredContent":{"temperature":25.2}},"jsonrpc")"),
            std::string::npos);
}

TEST(Fields, OfAStreamedToolResultAreInItsLastEvent) {
  auto document = Stream(streams::kMcpStream);
  const auto fields = Mcp().Fields(document);
  ASSERT_EQ(fields.size(), 1u);
  ASSERT_TRUE(message::WriteField(document, fields[0], "Failed."));
  EXPECT_EQ(message::Bytes(document), Replaced(streams::kMcpStream, "Done.", "Failed."));
}

TEST(Fields, LeaveOtherMcpResultsAlone) {
  EXPECT_TRUE(
      Mcp()
          .Fields(Plain(
              R"({"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"}],"structuredContent":{}}})"))
          .empty());
  EXPECT_TRUE(Mcp()
                  .Fields(Plain(
                      R"({"jsonrpc":"2.0","id":1,"result":{"contents":[{"uri":"x","text":"y"}]}})"))
                  .empty());
}

TEST(Fields, OfPlainHttpAreTheWholeBody) {
  const auto json = HttpTool().Fields(Plain("{\"a\": 1}\n"));
  ASSERT_EQ(json.size(), 1u);
  EXPECT_TRUE(json[0].json);
  EXPECT_EQ(json[0].pieces[0].pointer, "");
  const auto text = HttpTool().Fields(Plain("<p>hi</p>"));
  ASSERT_EQ(text.size(), 1u);
  EXPECT_FALSE(text[0].json);
  EXPECT_TRUE(HttpTool().Fields(Plain("")).empty());
}

}  // namespace
}  // namespace murphy
