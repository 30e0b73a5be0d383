// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/planner/cron.h"

#include "tests/schedules/planner/support.h"

namespace murphy::schedules {
namespace {

CronMistake Wrong(std::string_view text) {
  Cron cron;
  const auto mistake = ParseCron(text, cron);
  EXPECT_TRUE(mistake) << text << " was accepted";
  return mistake.value_or(CronMistake{});
}

TEST(Cron, ReadsListsRangesAndSteps) {
  const Cron cron = Parsed("0,30-32,*/20 8-18/5 1 */6 1-5");
  EXPECT_EQ(cron.minutes.count(), 6u);
  EXPECT_TRUE(cron.minutes[20] && cron.minutes[31] && cron.minutes[40] && !cron.minutes[33]);
  EXPECT_EQ(cron.hours.to_string(), "000001000010000100000000");
  EXPECT_EQ(cron.months.to_string(), "0000010000010");
  EXPECT_EQ(cron.weekdays.to_string(), "0111110");
  EXPECT_FALSE(cron.any_day || cron.any_weekday);
}

TEST(Cron, ReadsNamesInAnyCaseAndSundayAtBothEnds) {
  EXPECT_EQ(Parsed("0 0 * jan-MAR,Dec *").months.to_string(), "1000000001110");
  EXPECT_EQ(Parsed("0 0 * * 7").weekdays, Parsed("0 0 * * sun").weekdays);
  EXPECT_EQ(Parsed("0 0 * * FRI-SUN").weekdays.to_string(), "1100001");
}

TEST(Cron, KnowsNicknames) {
  EXPECT_EQ(Parsed("@weekly").weekdays, Parsed("0 0 * * SUN").weekdays);
  EXPECT_EQ(Parsed("@hourly").minutes, Parsed("0 * * * *").minutes);
  const CronMistake mistake = Wrong("@reboot");
  EXPECT_EQ(mistake.column, 1u);
  EXPECT_NE(mistake.message.find("`@hourly`"), std::string::npos);
}

TEST(Cron, TakesTabsAndSpacesAround) { EXPECT_TRUE(Parsed("  5\t4 * * * ").hours[4]); }

struct Mistaken {
  const char* text;
  size_t column;
  const char* words;
};

TEST(Cron, SaysWhereAndWhatWasExpected) {
  const Mistaken mistakes[] = {
      {"", 1, "the minute is missing"},
      {"5 4 * *", 8, "the day of week is missing"},
      {"5 4 * * * *", 11, "the end after five fields"},
      {"60 4 * * *", 1, "the minute is 0 to 59, not 60"},
      {"5 24 * * *", 3, "the hour is 0 to 23, not 24"},
      {"5 4 0 * *", 5, "the day of month is 1 to 31, not 0"},
      {"5 4 * FEBR *", 7, "the month is 1 to 12, or JAN to DEC, not `FEBR`"},
      {"5 4 * * MOON", 9, "the day of week is 0 to 7, or SUN to SAT, not `MOON`"},
      {"5 4 * * 5-1", 9, "`5-1` goes backwards"},
      {"5/10 4 * * *", 1, "a step needs `*` or a range: write `5-59/N`"},
      {"*/0 4 * * *", 3, "the step is a number from 1 to 59"},
      {"*/99999999999 4 * * *", 3, "the step is a number"},
      {"5, 4 * * *", 3, "the minute is 0 to 59"},
      {"5x 4 * * *", 2, "unexpected `x` in the minute"},
      {"-1 4 * * *", 1, "not `-1`"},
      {"L * * * *", 1, "not `L`"},
  };
  for (const Mistaken& expected : mistakes) {
    const CronMistake mistake = Wrong(expected.text);
    EXPECT_EQ(mistake.column, expected.column) << expected.text << ": " << mistake.message;
    EXPECT_NE(mistake.message.find(expected.words), std::string::npos)
        << expected.text << ": " << mistake.message;
  }
}

TEST(Cron, ShowsNoControlCharacters) {
  EXPECT_EQ(Wrong("5 4 * * \x1b[2J").message.find('\x1b'), std::string::npos);
}

TEST(Cron, OneOfTwoRestrictedDayFieldsIsEnough) {
  // crontab(5): "30 4 1,15 * 5 would cause a command to be run at 4:30 am on the 1st and 15th of
  // each month, plus every Friday".
  const Cron either = Parsed("30 4 1,15 * 5");
  EXPECT_TRUE(either.MatchesDay(absl::CivilDay(2026, 5, 15)));  // a Friday
  EXPECT_TRUE(either.MatchesDay(absl::CivilDay(2026, 5, 22)));
  EXPECT_TRUE(either.MatchesDay(absl::CivilDay(2026, 6, 1)));  // a Monday
  EXPECT_FALSE(either.MatchesDay(absl::CivilDay(2026, 6, 2)));
}

TEST(Cron, AFieldThatBeginsWithAStarMustMatchAsWell) {
  const Cron odd_mondays = Parsed("0 0 */2 * MON");
  EXPECT_TRUE(odd_mondays.MatchesDay(absl::CivilDay(2026, 6, 1)));
  EXPECT_FALSE(odd_mondays.MatchesDay(absl::CivilDay(2026, 6, 8)));
  EXPECT_FALSE(odd_mondays.MatchesDay(absl::CivilDay(2026, 6, 3)));
}

}  // namespace
}  // namespace murphy::schedules
