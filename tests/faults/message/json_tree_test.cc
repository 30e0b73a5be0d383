// SPDX-License-Identifier: Apache-2.0
#include "faults/message/json_tree.h"

#include <gtest/gtest.h>

namespace murphy::message {
namespace {

constexpr std::string_view kText =
    "\n{ \"a\": [1, {\"b/c\": \"x\"}, \"caf\\u00e9 \xE2\x82\xAC\"], \"n\": null,"
    " \"t\": true, \"e\": {}, \"a~\": 18446744073709551615, \"n\": 2.50 } ";

TEST(JsonTreeTest, FindsWhatIsThere) {
  const JsonTree tree(kText);
  const JsonValue root = tree.root();
  ASSERT_TRUE(root.Is(JsonKind::kObject));
  EXPECT_EQ(root["a"].size(), 3u);
  EXPECT_EQ(root.At("/a/0").Count(), 1u);
  EXPECT_TRUE(root.At("/a/1/b~1c").Says("x"));
  EXPECT_EQ(root.At("/a/2").Text(), "café €");
  EXPECT_EQ(root.At("/a/2").Characters(), 6u);
  EXPECT_EQ(root["t"].True(), true);
  EXPECT_EQ(root["a~"].Count(), UINT64_MAX);
  EXPECT_TRUE(root["e"].empty());
  EXPECT_EQ(root["n"].literal(), "2.50") << "of equal keys the last holds";
}

TEST(JsonTreeTest, AnswersNothingWithNothing) {
  const JsonTree tree(kText);
  const JsonValue root = tree.root();
  for (const JsonValue nothing : {root["b"], root.At("/a/3"), root.At("/a/-"), root.At("a"),
                                  root["a"]["x"], root["t"].first(), JsonTree("{").root()}) {
    EXPECT_FALSE(nothing);
    EXPECT_FALSE(nothing.given());
    EXPECT_FALSE(nothing["x"]);
    EXPECT_EQ(nothing.Text(), "");
    EXPECT_EQ(nothing.literal(), "");
    EXPECT_FALSE(nothing.Count());
    EXPECT_EQ(nothing.size(), 0u);
  }
  EXPECT_FALSE(root["n"].Count()) << "a fraction counts nothing";
}

TEST(JsonTreeTest, WalksChildrenInOrderAndSaysTheirPointers) {
  const JsonTree tree(kText);
  std::string keys;
  for (JsonValue member = tree.root().first(); member; member = member.next()) {
    keys += member.key().Text() + " ";
  }
  EXPECT_EQ(keys, "a n t e a~ n ");
  EXPECT_EQ(tree.root().At("/a/1/b~1c").Pointer(), "/a/1/b~1c");
  EXPECT_EQ(tree.root()["a~"].Pointer(), "/a~0");
  EXPECT_EQ(tree.root().Pointer(), "");
}

TEST(JsonTreeTest, ChecksTheGrammar) {
  for (const std::string_view good :
       {"0", "-0", "-1.5e+10", "\"\"", "[]", " {} ", "[[],{}]", "\"\\ud83d\\ude00\"", "\"\\ud83d\"",
        "{\"\":1}", "\"\xF0\x9F\x98\x80\"", "1E9"}) {
    EXPECT_TRUE(JsonTree(good).root()) << good;
  }
  for (const std::string_view bad : {"",
                                     " ",
                                     "01",
                                     "+1",
                                     "1.",
                                     ".5",
                                     "1e",
                                     "-",
                                     "tru",
                                     "nul",
                                     "\"",
                                     "\"\\",
                                     "\"\\x\"",
                                     "\"\\u12g4\"",
                                     "\"\n\"",
                                     "[1,]",
                                     "[,1]",
                                     "{\"a\"}",
                                     "{\"a\":}",
                                     "{\"a\":1,}",
                                     "{a:1}",
                                     "[1] 2",
                                     "[1}",
                                     "{\"a\":1]",
                                     "\"\xC0\x80\"",
                                     "\"\xED\xA0\x80\"",
                                     "\"\xF5\x80\x80\x80\"",
                                     "\"\x80\"",
                                     "\"\xE2\x82\"",
                                     "\xEF\xBB\xBF{}",
                                     "'a'"}) {
    EXPECT_FALSE(JsonTree(bad).root()) << bad;
  }
}

TEST(JsonTreeTest, IsBoundedInDepthAndInValues) {
  const auto deep = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(JsonTree(deep(JsonTree::kMaxDepth)).root());
  EXPECT_FALSE(JsonTree(deep(JsonTree::kMaxDepth + 1)).root());
  EXPECT_FALSE(JsonTree(deep(1'000'000)).root());
  std::string many = "[0";
  for (size_t i = 0; i < JsonTree::kMaxNodes; ++i) {
    many += ",0";
  }
  EXPECT_FALSE(JsonTree(many + "]").root());
}

TEST(JsonTreeTest, ServesOneTextAfterAnother) {
  JsonTree tree(kText);
  ASSERT_TRUE(tree.Parse("[7]"));
  EXPECT_EQ(tree.root().first().Count(), 7u);
  EXPECT_FALSE(tree.Parse("[7"));
  EXPECT_FALSE(tree.root());
}

}  // namespace
}  // namespace murphy::message
