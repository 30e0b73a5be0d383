// SPDX-License-Identifier: Apache-2.0
#include "faults/message/json_edit.h"

#include <gtest/gtest.h>

namespace murphy::message {
namespace {

std::string At(std::string_view json, std::string_view pointer) {
  const auto span = FindValue(json, pointer);
  return span ? std::string(json.substr(span->begin, span->end - span->begin)) : "(none)";
}

TEST(FindValueTest, FollowsObjectsAndLists) {
  constexpr std::string_view kJson = R"( {"a" : {"b":[1, {"c":"x"} , null]}, "d":-1.5e3 } )";
  EXPECT_EQ(At(kJson, "/a/b/0"), "1");
  EXPECT_EQ(At(kJson, "/a/b/1"), R"({"c":"x"})");
  EXPECT_EQ(At(kJson, "/a/b/1/c"), R"("x")");
  EXPECT_EQ(At(kJson, "/a/b/2"), "null");
  EXPECT_EQ(At(kJson, "/d"), "-1.5e3");
  EXPECT_EQ(At(" [1] ", ""), "[1]");
}

// RFC 6901 section 5, the whole table.
TEST(FindValueTest, AgreesWithTheExamplesOfTheStandard) {
  constexpr std::string_view kJson =
      R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8})";
  EXPECT_EQ(At(kJson, "/foo"), R"(["bar","baz"])");
  EXPECT_EQ(At(kJson, "/foo/0"), R"("bar")");
  EXPECT_EQ(At(kJson, "/"), "0");
  EXPECT_EQ(At(kJson, "/a~1b"), "1");
  EXPECT_EQ(At(kJson, "/c%d"), "2");
  EXPECT_EQ(At(kJson, "/e^f"), "3");
  EXPECT_EQ(At(kJson, "/g|h"), "4");
  EXPECT_EQ(At(kJson, "/i\\j"), "5");
  EXPECT_EQ(At(kJson, "/k\"l"), "6");
  EXPECT_EQ(At(kJson, "/ "), "7");
  EXPECT_EQ(At(kJson, "/m~0n"), "8");
}

TEST(FindValueTest, FindsNothingWhereThereIsNothing) {
  for (const std::string_view pointer :
       {"/x", "/a/2", "/a/-", "/a/01", "/a/0/0", "a", "/a~2", "/a/+1", "/a/9999999999"}) {
    EXPECT_EQ(At(R"({"a":[1,2]})", pointer), "(none)") << pointer;
  }
}

TEST(FindValueTest, TakesTheLastOfEqualKeysAsParsersDo) {
  EXPECT_EQ(At(R"({"a":1,"a":2})", "/a"), "2");
}

TEST(FindValueTest, BracketsAndQuotesInsideStringsAreText) {
  EXPECT_EQ(At(R"({"a":"}]\"{","b":1})", "/b"), "1");
}

TEST(FindValueTest, RefusesWhatIsNotJson) {
  for (const std::string_view json : {"", " ", "[DONE] x", R"({"a":1)", R"({"a" 1})", R"({"a":})",
                                      R"({"a":"x)", "[1,", R"({"a":1}})"}) {
    EXPECT_EQ(At(json, "/a"), "(none)") << json;
  }
}

TEST(FindValueTest, TakesDeepNestingForNoJson) {
  const std::string json = std::string(200000, '[') + std::string(200000, ']');
  EXPECT_EQ(At(json, "/0"), "(none)");
}

TEST(ReplaceValueTest, KeepsEveryOtherByte) {
  std::string json = "{ \"a\" :1 ,\n\t\"b\":\"x\"   }";
  EXPECT_TRUE(ReplaceValue(json, "/a", "[2, 3]"));
  EXPECT_EQ(json, "{ \"a\" :[2, 3] ,\n\t\"b\":\"x\"   }");
}

TEST(ReplaceValueTest, ChangesNothingWhereThereIsNothing) {
  std::string json = R"({"a":1})";
  EXPECT_FALSE(ReplaceValue(json, "/b", "2"));
  EXPECT_EQ(json, R"({"a":1})");
}

TEST(QuoteJsonTest, EscapesOnlyWhatMustBe) {
  EXPECT_EQ(QuoteJson("a\"b\\c\n\t\x01/é\x7f"), "\"a\\\"b\\\\c\\n\\t\\u0001/é\x7f\"");
}

TEST(UnquoteJsonTest, ReadsEscapesAndSurrogatePairs) {
  EXPECT_EQ(UnquoteJson(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00")"),
            "\"\\/\b\f\n\r\tAé€😀");
}

TEST(UnquoteJsonTest, ReplacesALoneSurrogate) {
  EXPECT_EQ(UnquoteJson(R"("\ud83dx\ude00")"), "\xEF\xBF\xBDx\xEF\xBF\xBD");
}

TEST(UnquoteJsonTest, RefusesWhatIsNoLiteral) {
  for (const std::string_view text :
       {"", "\"", "a", "\"a", R"("a"b")", R"("\x")", R"("\u12")", R"("\")", "\"\n\""}) {
    EXPECT_EQ(UnquoteJson(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace murphy::message
