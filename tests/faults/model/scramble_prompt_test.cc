// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

Transcript Scrambled(const std::string& body, const std::string& fault = "find: 'red' replacement: 'blue'") {
  FaultScript script("scramble_prompt { " + fault + " }");
  script.request.body = body;
  return script.Request();
}

TEST(ScramblePromptTest, ReplacesATextOfTheMessagesAndNoOtherByte) {
  EXPECT_EQ(Scrambled(R"({"model" : "red", "messages":[ {"role":"red","content":"a red, red car"}]})"),
            (Transcript{R"(ReplaceBody {\"model\" : \"red\", \"messages\":[ {\"role\":\"red\",\"content\":\"a blue, blue car\"}]})"}));
}

TEST(ScramblePromptTest, FindsWhatTheModelIsToldInEveryDialect) {
  EXPECT_EQ(Scrambled(R"({"system":"red","messages":[{"content":[{"type":"text","text":"red"}]}]})"),
            (Transcript{R"(ReplaceBody {\"system\":\"blue\",\"messages\":[{\"content\":[{\"type\":\"text\",\"text\":\"blue\"}]}]})"}));
  EXPECT_EQ(Scrambled(R"({"input":"red"})"), (Transcript{R"(ReplaceBody {\"input\":\"blue\"})"}));
}

TEST(ScramblePromptTest, DoesNothingWhenTheTextIsNotThere) {
  EXPECT_EQ(Scrambled(R"({"tools":[{"name":"red"}],"messages":[{"content":"green"}]})"),
            (Transcript{"no_op: the prompt does not hold this text"}));
}

TEST(ScramblePromptTest, DoesNothingWhenTheRequestIsNoJson) {
  EXPECT_EQ(Scrambled("red"), (Transcript{"no_op: the request holds no prompt"}));
}

}  // namespace
}  // namespace murphy::test
