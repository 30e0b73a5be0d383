// SPDX-License-Identifier: Apache-2.0
#include "faults/tool/lie.h"

#include <gtest/gtest.h>

namespace murphy {
namespace {

const Draw kDraw(1, 0, "rule", "address");

std::string Number(v1::WrongValueKind kind, std::string_view number) {
  return LieAboutNumber(kind, number, kDraw).value_or("(none)");
}

TEST(LieTest, DigitsAlwaysGiveAnotherNumber) {
  for (uint32_t seed = 0; seed < 50; ++seed) {
    const Draw draw(seed, 0, "rule", "address");
    for (const std::string_view number :
         {"0", "7", "10", "100", "11", "1.0", "-20", "0.5", "1e5", "12.50", "1000000", "-0.0"}) {
      const std::string wrong =
          LieAboutNumber(v1::WRONG_VALUE_KIND_DIGITS, number, draw).value_or("");
      EXPECT_NE(std::strtod(wrong.c_str(), nullptr),
                std::strtod(std::string(number).c_str(), nullptr))
          << number << " " << wrong;
      EXPECT_TRUE(message::IsJson(wrong)) << number << " " << wrong;
      EXPECT_EQ(wrong.size(), number.size());
    }
  }
}

TEST(LieTest, UnitIsAHundredTimesTooLarge) {
  constexpr auto kUnit = v1::WRONG_VALUE_KIND_UNIT;
  EXPECT_EQ(Number(kUnit, "7"), "700");
  EXPECT_EQ(Number(kUnit, "-0.05"), "-5");
  EXPECT_EQ(Number(kUnit, "12.345"), "1234.5");
  EXPECT_EQ(Number(kUnit, "0.001"), "0.1");
  EXPECT_EQ(Number(kUnit, "0.00"), "(none)");
  EXPECT_EQ(Number(kUnit, "1e3"), "(none)");
}

TEST(LieTest, SignNeverMakesMinusZero) {
  EXPECT_EQ(Number(v1::WRONG_VALUE_KIND_SIGN, "-3.5"), "3.5");
  EXPECT_EQ(Number(v1::WRONG_VALUE_KIND_SIGN, "0"), "(none)");
}

TEST(LieTest, OffByOneKeepsSignAndFraction) {
  EXPECT_EQ(Number(v1::WRONG_VALUE_KIND_OFF_BY_ONE, "0.25"), "1.25");
  EXPECT_EQ(Number(v1::WRONG_VALUE_KIND_OFF_BY_ONE, "-1"), "-2");
  const std::string wrong = Number(v1::WRONG_VALUE_KIND_OFF_BY_ONE, "41");
  EXPECT_TRUE(wrong == "40" || wrong == "42") << wrong;
  EXPECT_EQ(Number(v1::WRONG_VALUE_KIND_OFF_BY_ONE, "99999999999999999999"), "(none)");
}

TEST(LieTest, ReadsANumberInsideAString) {
  const auto lie =
      LieAbout(v1::WRONG_VALUE_KIND_UNIT, message::JsonKind::kString, R"("cost: 3 EUR")", kDraw);
  ASSERT_TRUE(lie);
  EXPECT_EQ(lie->after, R"("cost: 300 EUR")");
  EXPECT_EQ(lie->number_before, "3");
  EXPECT_FALSE(LieAbout(v1::WRONG_VALUE_KIND_UNIT, message::JsonKind::kString, R"("id-3")", kDraw));
}

std::string Found(std::string_view text) {
  const auto span = FindNumber(text);
  return span ? std::string(text.substr(span->begin, span->end - span->begin)) : "(none)";
}

TEST(FindNumberTest, FindsOnlyWhatStandsAlone) {
  EXPECT_EQ(Found("costs $12.50, please"), "12.50");
  EXPECT_EQ(Found("a -4 b"), "-4");
  EXPECT_EQ(Found("It was 7."), "7");
  EXPECT_EQ(Found("(3)"), "3");
  for (const std::string_view text : {"2026-08-01", "v1.2.3", "10:30", "abc123", "1,234", "id_7",
                                      "127.0.0.1", "#5", "007", "3€"}) {
    EXPECT_EQ(Found(text), "(none)") << text;
  }
}

}  // namespace
}  // namespace murphy
