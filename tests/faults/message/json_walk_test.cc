// SPDX-License-Identifier: Apache-2.0
#include "faults/message/json_walk.h"

#include <gtest/gtest.h>

#include "faults/message/json_edit.h"

namespace murphy::message {
namespace {

TEST(WalkJsonTest, NamesEveryValueInOrder) {
  constexpr std::string_view kJson =
      R"( {"a/b": [1, {"c~": "}"} ], "d":null, "e" : true , "f":{ } } )";
  const auto nodes = WalkJson(kJson);
  ASSERT_TRUE(nodes);
  std::vector<std::string> seen;
  for (const JsonNode& node : *nodes) {
    seen.push_back(node.pointer + "=" +
                   std::string(kJson.substr(node.span.begin, node.span.end - node.span.begin)));
    const auto found = FindValue(kJson, node.pointer);
    ASSERT_TRUE(found) << node.pointer;
    EXPECT_EQ(found->begin, node.span.begin);
    EXPECT_EQ(found->end, node.span.end);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{
                      R"(={"a/b": [1, {"c~": "}"} ], "d":null, "e" : true , "f":{ } })",
                      R"(/a~1b=[1, {"c~": "}"} ])", "/a~1b/0=1", R"(/a~1b/1={"c~": "}"})",
                      R"(/a~1b/1/c~0="}")", "/d=null", "/e=true", "/f={ }"}));
  EXPECT_EQ((*nodes)[0].kind, JsonKind::kObject);
  EXPECT_EQ((*nodes)[1].kind, JsonKind::kList);
  EXPECT_EQ((*nodes)[2].kind, JsonKind::kNumber);
  EXPECT_EQ((*nodes)[4].kind, JsonKind::kString);
  EXPECT_EQ((*nodes)[5].kind, JsonKind::kNull);
  EXPECT_EQ((*nodes)[6].kind, JsonKind::kTruth);
}

TEST(WalkJsonTest, FindsKeys) {
  const std::vector<Span> keys = FindKeys(R"({"a":{"b":1}})");
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0].begin, 1u);
  EXPECT_EQ(keys[1].begin, 6u);
}

TEST(WalkJsonTest, RefusesWhatIsNotJson) {
  for (const std::string_view text : {"", "{", "[1,]", "hello", "{'a':1}"}) {
    EXPECT_FALSE(WalkJson(text)) << text;
    EXPECT_TRUE(FindKeys(text).empty());
  }
  EXPECT_FALSE(WalkJson(std::string(100, '[') + std::string(100, ']'))) << "too deep";
}

TEST(WalkJsonTest, StopsNamingAtItsBound) {
  std::string json = "[0";
  for (int i = 0; i < 30000; ++i) {
    json += ",{\"a\":1}";
  }
  const auto nodes = WalkJson(json + "]");
  ASSERT_TRUE(nodes);
  EXPECT_EQ(nodes->size(), 10000u);
  EXPECT_EQ(nodes->front().span.end, json.size() + 1);
}

}  // namespace
}  // namespace murphy::message
