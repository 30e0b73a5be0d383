// SPDX-License-Identifier: Apache-2.0
#include "faults/message/document.h"

#include <gtest/gtest.h>

#include "faults/message/sse.h"

namespace murphy::message {
namespace {

Document Plain(std::string body) { return {.parts = {Part{.raw = body, .data = body}}}; }

Document Stream(std::initializer_list<std::string_view> events) {
  Document document{.stream = true};
  for (const std::string_view event : events) {
    document.parts.push_back(ParseEvent(std::string(event)));
  }
  return document;
}

Field TextOver(size_t parts) {
  Field field;
  for (size_t i = 0; i < parts; ++i) {
    field.pieces.push_back({i, "/t"});
  }
  return field;
}

TEST(DocumentTest, EditsAPlainBodyInPlace) {
  Document document = Plain("{ \"t\": \"old\",  \"n\":1 }\n");
  EXPECT_EQ(ReadField(document, TextOver(1)), "old");
  EXPECT_TRUE(WriteField(document, TextOver(1), "new \"one\""));
  EXPECT_EQ(Bytes(document), "{ \"t\": \"new \\\"one\\\"\",  \"n\":1 }\n");
}

TEST(DocumentTest, EditsAWholeBodyThatIsNotJson) {
  Document document = Plain("old text");
  const Field whole{.pieces = {{0, ""}}};
  EXPECT_TRUE(WriteField(document, whole, "new text"));
  EXPECT_EQ(Bytes(document), "new text");
}

TEST(DocumentTest, PutsJsonAsJson) {
  Document document = Plain(R"({"t":{"a":1}})");
  Field field = TextOver(1);
  field.json = true;
  EXPECT_EQ(ReadField(document, field), R"({"a":1})");
  EXPECT_TRUE(WriteField(document, field, R"({"a":2})"));
  EXPECT_EQ(Bytes(document), R"({"t":{"a":2}})");
}

TEST(DocumentTest, SpreadsAValueOverEventsInProportion) {
  Document document = Stream(
      {"data: {\"t\":\"aaaa\"}\n\n", "data: {\"t\":\"\"}  \n\n", "data: {\"t\":\"bb\"}\n\n"});
  EXPECT_TRUE(WriteField(document, TextOver(3), "xxxxxxxxyyyy"));
  EXPECT_EQ(Bytes(document),
            "data: {\"t\":\"xxxxxxxx\"}\n\ndata: {\"t\":\"\"}  \n\ndata: {\"t\":\"yyyy\"}\n\n");
}

TEST(DocumentTest, NeverCutsInsideACharacter) {
  Document document = Stream({"data: {\"t\":\"abc\"}\n\n", "data: {\"t\":\"def\"}\n\n"});
  EXPECT_TRUE(WriteField(document, TextOver(2), "€€€"));
  EXPECT_EQ(document.parts[0].data, "{\"t\":\"€\"}");
  EXPECT_EQ(document.parts[1].data, "{\"t\":\"€€\"}");
  EXPECT_EQ(ReadField(document, TextOver(2)), "€€€");
}

TEST(DocumentTest, GivesAValueToPiecesThatWereAllEmpty) {
  Document document = Stream({"data: {\"t\":\"\"}\n\n", "data: {\"t\":\"\"}\n\n"});
  EXPECT_TRUE(WriteField(document, TextOver(2), "abc"));
  EXPECT_EQ(ReadField(document, TextOver(2)), "abc");
}

TEST(DocumentTest, PutsTheWholeIntoCopies) {
  Document document = Stream({"data: {\"t\":\"ab\"}\n\n", "data: {\"t\":\"cd\"}\n\n",
                              "event: done\ndata: {\"all\":\"abcd\"}\n\n"});
  Field field = TextOver(2);
  field.copies = {{2, "/all"}};
  EXPECT_TRUE(WriteField(document, field, "wxyz"));
  EXPECT_EQ(document.parts[2].raw, "event: done\ndata: {\"all\":\"wxyz\"}\n\n");
}

TEST(DocumentTest, ChangesNothingWhenAPlaceIsMissing) {
  Document document = Stream({"data: {\"t\":\"ab\"}\n\n", "data: [DONE]\n\n"});
  const std::string before = Bytes(document);
  EXPECT_FALSE(WriteField(document, TextOver(2), "x"));
  EXPECT_FALSE(WriteField(document, TextOver(3), "x"));
  EXPECT_FALSE(WriteField(document, Field{}, "x"));
  EXPECT_EQ(Bytes(document), before);
}

TEST(DocumentTest, SameValueIsNoChange) {
  Document document = Stream({"data: {\"t\":\"\\u0061b\"}\n\n"});
  const std::string before = Bytes(document);
  EXPECT_FALSE(WriteField(document, TextOver(1), "ab"));
  EXPECT_EQ(Bytes(document), before);
}

TEST(SetDataTest, KeepsFramingOfTheEvent) {
  Part part = ParseEvent(": hi\r\nid: 7\r\nevent:e\r\ndata:one\r\ndata:two\r\nretry: 1\r\n\r\n");
  SetData(part, "three");
  EXPECT_EQ(part.raw, ": hi\r\nid: 7\r\nevent:e\r\ndata:three\r\nretry: 1\r\n\r\n");
  EXPECT_EQ(ParseEvent(part.raw).data, "three");
}

TEST(SetDataTest, WritesOneLinePerLineOfData) {
  Part part = ParseEvent("data: x\n\n");
  SetData(part, "a\nb\r\nc");
  EXPECT_EQ(part.raw, "data: a\ndata: b\ndata: c\n\n");
}

TEST(SetDataTest, FindsDataBehindAByteOrderMark) {
  Part part = ParseEvent(
      "\xEF\xBB\xBF"
      "data: x\n\n");
  SetData(part, "y");
  EXPECT_EQ(part.raw,
            "\xEF\xBB\xBF"
            "data: y\n\n");
}

TEST(SetDataTest, GivesDataToAnEventThatHadNone) {
  Part part = ParseEvent(": ping\n\n");
  SetData(part, "x");
  EXPECT_EQ(part.raw, ": ping\ndata: x\n\n");
}

}  // namespace
}  // namespace murphy::message
