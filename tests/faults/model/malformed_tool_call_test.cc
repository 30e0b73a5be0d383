// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

Played Malformed(std::string_view how, std::string arguments) {
  FaultScript script("malformed_tool_call { how: MALFORMATION_" + std::string(how) + " }");
  return script.Answer(R"({"tool":"pay", "args":)" + arguments + "}");
}

TEST(MalformedToolCallTest, TruncatesArguments) {
  EXPECT_EQ(Malformed("TRUNCATED", R"("{\"a\":12}")").bytes, R"({"tool":"pay", "args":"{\"a\""})");
  EXPECT_EQ(Malformed("TRUNCATED", R"("{}")").bytes, R"({"tool":"pay", "args":"{"})");
}

TEST(MalformedToolCallTest, LeavesACommaBeforeTheBrace) {
  EXPECT_EQ(Malformed("TRAILING_COMMA", R"("{\"a\":[1] }")").bytes,
            R"({"tool":"pay", "args":"{\"a\":[1] ,}"})");
}

TEST(MalformedToolCallTest, TakesTheQuotesOffKeys) {
  EXPECT_EQ(Malformed("UNQUOTED", R"("{\"a\":\"b\",\"c\":{\"d\":1}}")").bytes,
            R"({"tool":"pay", "args":"{a:\"b\",c:{d:1}}"})");
}

TEST(MalformedToolCallTest, WritesProseInstead) {
  EXPECT_NE(Malformed("PROSE", R"("{}")").bytes.find("I will call pay"), std::string::npos);
}

TEST(MalformedToolCallTest, SpreadsOverTheEventsOfAStream) {
  FaultScript script("malformed_tool_call { }");
  const Played played = script.Stream(
      {Event(R"({"tool":"pay"})"), Event(R"({"args":"{\"amo"})"), Event(R"({"args":"unt\":1}"})")});
  EXPECT_EQ(played.bytes,
            Event(R"({"tool":"pay"})") + Event(R"({"args":"{\""})") + Event(R"({"args":"amou"})"));
  EXPECT_EQ(script.Parameters(), R"({"how":"truncated","tool":"pay"})");
}

TEST(MalformedToolCallTest, DoesNothingWhenArgumentsAreAnObject) {
  EXPECT_EQ(
      Malformed("TRUNCATED", R"({"a":1})").no_op,
      "the arguments travel as a JSON object here: malformed ones would break the whole answer");
}

TEST(MalformedToolCallTest, DoesNothingWhenNoToolIsCalled) {
  EXPECT_EQ(FaultScript("malformed_tool_call { }").Answer(R"({"text":"hi"})").no_op,
            "the answer asks for no tool");
}

TEST(MalformedToolCallTest, DoesNothingWhereThereIsNoKeyToUnquote) {
  EXPECT_EQ(Malformed("UNQUOTED", R"("{}")").no_op, "these arguments cannot be malformed this way");
}

TEST(MalformedToolCallTest, DoesNothingWhenTheAnswerWasNotHeld) {
  FaultScript script("malformed_tool_call { }");
  script.too_large = true;
  EXPECT_NE(script.Answer("{}").no_op, "");
}

}  // namespace
}  // namespace murphy::test
