// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

std::string Told(std::string_view kind, std::string body) {
  FaultScript script("wrong_value { kind: WRONG_VALUE_KIND_" + std::string(kind) + " }");
  return script.Answer(std::move(body)).bytes;
}

TEST(WrongValueTest, SwapsDigitsAndKeepsEveryOtherByte) {
  EXPECT_EQ(Told("DIGITS", "{ \"name\": \"x\",  \"total\" : 10.2 }\n"),
            "{ \"name\": \"x\",  \"total\" : 12.0 }\n");
}

TEST(WrongValueTest, LiesAsItsKindSays) {
  EXPECT_EQ(Told("SIGN", R"({"a":7})"), R"({"a":-7})");
  EXPECT_EQ(Told("OFF_BY_ONE", R"({"a":1})"), R"({"a":2})");
  EXPECT_EQ(Told("UNIT", R"({"a":12.5})"), R"({"a":1250})");
  EXPECT_EQ(Told("EMPTY_LIST", R"({"a":[],"b":[1,2]})"), R"({"a":[],"b":[]})");
  EXPECT_EQ(Told("INVERTED", R"({"a":null,"b":{"c":false}})"), R"({"a":null,"b":{"c":true}})");
}

TEST(WrongValueTest, ReadsJsonInsideText) {
  EXPECT_EQ(Told("SIGN", R"({"result":"{\"total\": 5}"})"), R"({"result":"{\"total\": -5}"})");
}

TEST(WrongValueTest, TellsTextAndStructureAlike) {
  EXPECT_EQ(Told("UNIT", R"({"result":"{\"total\":5}","structured":{"total":5}})"),
            R"({"result":"{\"total\":500}","structured":{"total":500}})");
  EXPECT_EQ(Told("UNIT", R"({"result":"You paid 5 EUR (order 55).","structured":{"total":5}})"),
            R"({"result":"You paid 500 EUR (order 55).","structured":{"total":500}})");
}

TEST(WrongValueTest, LiesInProse) {
  EXPECT_EQ(Told("SIGN", R"({"result":"It is 21 degrees on 2026-08-01."})"),
            R"({"result":"It is -21 degrees on 2026-08-01."})");
  EXPECT_EQ(Told("UNIT", "Total: 3.50 EUR"), "Total: 350 EUR");
}

TEST(WrongValueTest, ChangesTheValueThatWasNamed) {
  FaultScript script(R"(wrong_value { pointer: "/items/1/price" kind: WRONG_VALUE_KIND_UNIT })");
  EXPECT_EQ(script.Answer(R"({"items":[{"price":1},{"price":2}]})").bytes,
            R"({"items":[{"price":1},{"price":200}]})");
  EXPECT_EQ(script.Parameters(),
            R"({"kind":"unit","pointer":"/items/1/price","before":"2","after":"200"})");
}

TEST(WrongValueTest, WorksOnAStreamedAnswer) {
  FaultScript script("wrong_value { kind: WRONG_VALUE_KIND_SIGN }");
  EXPECT_EQ(script.Stream({": ping\n\n", Event(R"({"structured":{"n":4}})")}).bytes,
            ": ping\n\n" + Event(R"({"structured":{"n":-4}})"));
}

TEST(WrongValueTest, DoesNothingWhenNoValueFits) {
  FaultScript script("wrong_value { kind: WRONG_VALUE_KIND_INVERTED }");
  EXPECT_EQ(script.Answer(R"({"a":1})").no_op,
            "the result has no value that `inverted` can change");
  FaultScript named(R"(wrong_value { pointer: "/b" })");
  EXPECT_EQ(named.Answer(R"({"a":1})").no_op,
            "the result has no value at /b that `digits` can change");
}

TEST(WrongValueTest, DoesNothingToAFailedCall) {
  EXPECT_EQ(FaultScript("wrong_value { }").Answer(R"({"a":12})", 500).no_op,
            "the tool failed by itself, so there is no value to change");
}

TEST(WrongValueTest, DoesNothingWhenTheAnswerWasNotHeld) {
  FaultScript script("wrong_value { }");
  script.too_large = true;
  EXPECT_NE(script.Answer(R"({"a":12})").no_op, "");
}

}  // namespace
}  // namespace murphy::test
