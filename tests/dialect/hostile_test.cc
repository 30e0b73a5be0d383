// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/dialect/known.h"
#include "tests/dialect/streams.h"
#include "tests/dialect/support.h"

namespace murphy {
namespace {

void Exercise(const message::Dialect& dialect, message::Document document) {
  (void)dialect.Read(200, document);
  for (const auto& part : document.parts) (void)dialect.Classify(part);
  for (const auto& field : dialect.Fields(document)) {
    message::Document copy = document;
    (void)message::WriteField(copy, field, "€ new");
  }
  (void)dialect.ErrorEvents({}, {}, document.parts, Draw(1, 0, "r", "a"));
  (void)EndAfter(dialect, document, 3);
}

// Nothing is checked but that nothing crashes: each prefix of each answer, read by each dialect.
TEST(Hostile, PrefixesOfEveryAnswerAreSurvived) {
  for (const message::Dialect* dialect :
       {&dialect::OpenAiChat(), &dialect::OpenAiResponses(), &dialect::AnthropicMessages(),
        &dialect::Mcp(), &dialect::HttpTool()}) {
    for (const std::string_view body :
         {streams::kChatText, streams::kChatTools, streams::kResponsesText,
          streams::kAnthropicStream, streams::kMcpStream}) {
      for (size_t size = 0; size < body.size(); size += 97) {
        Exercise(*dialect, Stream(body.substr(0, size)));
      }
    }
    Exercise(*dialect, Plain(streams::kChatPlain));
    Exercise(*dialect, Plain(streams::kAnthropicPlain));
    Exercise(*dialect, Plain(streams::kMcpPlain));
  }
}

TEST(Hostile, ValuesOfTheWrongTypeAreSurvived) {
  for (
      const std::string_view body :
      {R"({"choices":{"index":"x"},"usage":[]})",
       R"({"choices":[null,1,"a",{"delta":7,"message":[]}]})",
       R"({"choices":[{"index":-1,"message":{"content":[],"tool_calls":[1,{"function":3}]}}]})",
       R"({"output":[[],{"type":"message","content":{"0":1}},{"type":"function_call"}]})",
       R"({"type":"response.completed","response":{"output":7}})",
       R"({"type":"content_block_delta","index":18446744073709551615,"delta":{"type":"text_delta"}})",
       R"({"content":[{"type":"text","text":{"a":1}},{"type":"tool_use","input":"x"}]})",
       R"({"jsonrpc":2,"result":{"content":[{"text":4},null],"isError":"yes"}})", "null", "[]",
       "\"\"", "3"}) {
    for (const message::Dialect* dialect :
         {&dialect::OpenAiChat(), &dialect::OpenAiResponses(), &dialect::AnthropicMessages(),
          &dialect::Mcp(), &dialect::HttpTool()}) {
      Exercise(*dialect, Plain(body));
      Exercise(*dialect, Stream("data: " + std::string(body) + "\n\n"));
      (void)dialect->Describe(Post("/x", body), "r");
    }
  }
}

TEST(Hostile, DeepNestingIsNoJson) {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  const auto call = dialect::Recognise(Post("/v1/messages", deep), "anthropic")
                        .Describe(Post("/v1/messages", deep), "anthropic");
  EXPECT_TRUE(call.unclassified);
  EXPECT_TRUE(dialect::HttpTool().Fields(Plain(deep)).front().json == false);
}

}  // namespace
}  // namespace murphy
