// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

TEST(LengthStopTest, KeepsAShareOfAPlainAnswer) {
  FaultScript script("length_stop { }");
  EXPECT_EQ(script.Answer(R"({"text":"0123456789"})").bytes, R"({"text":"01234"})");
  EXPECT_EQ(script.Parameters(), R"({"fraction":5E-1})");
}

TEST(LengthStopTest, KeepsAShareOfAStream) {
  EXPECT_EQ(FaultScript("length_stop { fraction: 0.25 }")
                .Stream({Event(R"({"text":"abcd"})"), Event(R"({"text":"efgh"})")})
                .bytes,
            Event(R"({"text":"a"})") + Event(R"({"text":"b"})"));
}

TEST(LengthStopTest, DoesNothingWhereThereIsNoText) {
  EXPECT_EQ(FaultScript("length_stop { }").Answer(R"({"tool":"t"})").no_op,
            "the answer holds no text that a length limit could stop");
}

TEST(LengthStopTest, NeverCutsInsideACharacterAndAlwaysLosesOne) {
  const auto left = [](std::string_view text, double fraction) {
    FaultScript script("length_stop { fraction: " + std::to_string(fraction) + " }");
    return script.Answer("{\"text\":\"" + std::string(text) + "\"}").bytes;
  };
  EXPECT_EQ(left("€€", 0.5), R"({"text":"€"})");
  EXPECT_EQ(left("€€", 0.49), R"({"text":""})");
  EXPECT_EQ(left("€€", 0.99), R"({"text":"€"})");
  EXPECT_EQ(left("a", 0.999), R"({"text":""})");
}

TEST(LengthStopTest, DoesNothingWhereTheTextIsEmpty) {
  EXPECT_EQ(FaultScript("length_stop { }").Answer(R"({"text":""})").no_op,
            "the answer holds no text that a length limit could stop");
}

TEST(LengthStopTest, DoesNothingWhenTheAnswerWasNotHeld) {
  FaultScript script("length_stop { }");
  script.too_large = true;
  EXPECT_NE(script.Answer(R"({"text":"abc"})").no_op, "");
}

}  // namespace
}  // namespace murphy::test
