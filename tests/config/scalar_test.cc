// SPDX-License-Identifier: Apache-2.0
// What each type of field accepts, and what it says to anything else.
#include <gtest/gtest.h>

#include "tests/config/mistakes.h"

namespace murphy::config {
namespace {

struct Case {
  std::string text;
  std::string mistakes;
};

class Guard : public testing::TestWithParam<Case> {};

TEST_P(Guard, RefusesWithAReason) {
  v1::Guard guard;
  EXPECT_EQ(Lines(ReadToml("f", GetParam().text, guard, nullptr)), GetParam().mistakes);
}

INSTANTIATE_TEST_SUITE_P(
    Types, Guard,
    testing::Values(
        Case{"environment = 7", "f:1:15: `environment` must be text, not 7: write it as \"7\"\n"},
        Case{"environment = 2024-01-01",
             "f:1:15: `environment` must be text, not a date or time\n"},
        Case{"allow_side_effects = \"yes\"",
             "f:1:22: `allow_side_effects` must be true or false, not \"yes\"\n"},
        Case{"max_injections = 0",
             "f:1:18: `max_injections` must be an integer from 1 to 1000000, not 0\n"},
        Case{"max_injections = 1000001",
             "f:1:18: `max_injections` must be an integer from 1 to 1000000, not 1000001\n"},
        Case{"max_injections = 2.0",
             "f:1:18: `max_injections` must be an integer from 1 to 1000000, not 2\n"},
        Case{"max_injections = [2]",
             "f:1:18: `max_injections` must be an integer from 1 to 1000000, not a list\n"},
        Case{"max_tokens = -1", "f:1:14: `max_tokens` must be an integer of 0 or more, not -1\n"},
        Case{"max_share = 1.5", "f:1:13: `max_share` must be a number from 0 to 1, not 1.5\n"},
        Case{"max_share = nan", "f:1:13: `max_share` must be a number from 0 to 1, not nan\n"},
        Case{"max_share = \"1\"", "f:1:13: `max_share` must be a number from 0 to 1, not \"1\"\n"},
        Case{
            "max_duration = 600",
            "f:1:16: `max_duration` must be a duration from 1ms to 24h, not 600: add a unit, as in "
            "\"600s\"\n"},
        Case{"max_duration = \"soon\"",
             "f:1:16: `max_duration` must be a duration from 1ms to 24h, not \"soon\": write it as "
             "\"250ms\", \"2s\" or \"1m30s\"\n"},
        Case{"max_duration = \"-1s\"",
             "f:1:16: `max_duration` must be a duration from 1ms to 24h, not \"-1s\"\n"},
        Case{"max_duration = \"inf\"",
             "f:1:16: `max_duration` must be a duration from 1ms to 24h, not \"inf\"\n"},
        Case{"max_duration = \"25h\"",
             "f:1:16: `max_duration` must be a duration from 1ms to 24h, not \"25h\"\n"}));

TEST(Target, RefusesUnknownEnumerators) {
  v1::Target target;
  EXPECT_EQ(Lines(ReadToml("f", "kind = \"modle\"\nrole = \"banana\"", target, nullptr)),
            "f:1:8: `kind` must be one of `model`, `tool`, `mcp`, `http`, not \"modle\"; did you "
            "mean `model`?\n"
            "f:2:8: `role` must be one of `side_effect`, `read`, `verify`, `escalation`, not "
            "\"banana\"\n");
}

TEST(Terminates, RefusesNegativeAndEndlessTimesWithoutARange) {
  v1::TerminatesExpect expect;
  EXPECT_EQ(Lines(ReadToml("f", "time = \"-1s\"", expect, nullptr)),
            "f:1:8: `time` must be a duration of 0s or more, not \"-1s\"\n");
  EXPECT_EQ(Lines(ReadToml("f", "time = \"inf\"", expect, nullptr)),
            "f:1:8: `time` must be a duration of 0s or more, not \"inf\"\n");
}

struct DurationCase {
  std::string text;
  int64_t seconds;
  int32_t nanos;
};

class Durations : public testing::TestWithParam<DurationCase> {};

TEST_P(Durations, AreRead) {
  v1::Guard guard;
  ASSERT_EQ(Lines(ReadToml("f", "max_duration = \"" + GetParam().text + "\"", guard, nullptr)), "");
  EXPECT_EQ(guard.max_duration().seconds(), GetParam().seconds);
  EXPECT_EQ(guard.max_duration().nanos(), GetParam().nanos);
}

INSTANTIATE_TEST_SUITE_P(Forms, Durations,
                         testing::Values(DurationCase{"250ms", 0, 250'000'000},
                                         DurationCase{"2s", 2, 0}, DurationCase{"1m30s", 90, 0},
                                         DurationCase{"1.5h", 5400, 0},
                                         DurationCase{"1000us", 0, 1'000'000}));

TEST(Numbers, AcceptIntegers) {
  v1::Guard guard;
  ASSERT_EQ(Lines(ReadToml("f", "max_share = 1", guard, nullptr)), "");
  EXPECT_EQ(guard.max_share(), 1.0);
}

TEST(Numbers, ZeroIsNotAbsence) {
  v1::Trigger trigger;
  ASSERT_EQ(Lines(ReadToml("f", "probability = 0", trigger, nullptr)), "");
  EXPECT_TRUE(trigger.has_probability());
  EXPECT_FALSE(trigger.has_first());
}

}  // namespace
}  // namespace murphy::config
