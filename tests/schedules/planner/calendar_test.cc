// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/planner/calendar.h"

#include "tests/schedules/planner/support.h"

namespace murphy::schedules {
namespace {

using Openness = Calendar::Openness;

std::bitset<7> Days(std::string_view marks) {
  std::bitset<7> days;
  for (size_t i = 0; i < 7; ++i) days[i] = marks[i] != '.';
  return days;
}

Calendar Make(std::string_view cron, std::string_view zone) {
  return {.cron = Parsed(cron), .zone = Zone(zone), .windows = {}, .blackouts = {}};
}

TEST(Calendar, AWindowOpensAndCloses) {
  Calendar calendar = Make("* * * * *", "Europe/Berlin");
  calendar.windows = {{.days = Days("MTWTF.."), .opens = 9 * 60, .closes = 17 * 60}};
  EXPECT_EQ(calendar.At(At("2026-06-01T08:59:59+02:00")), Openness::kOutsideWindow);
  EXPECT_EQ(calendar.At(At("2026-06-01T09:00:00+02:00")), Openness::kOpen);
  EXPECT_EQ(calendar.At(At("2026-06-01T16:59:59+02:00")), Openness::kOpen);
  EXPECT_EQ(calendar.At(At("2026-06-01T17:00:00+02:00")), Openness::kOutsideWindow);
  EXPECT_EQ(calendar.At(At("2026-06-06T12:00:00+02:00")), Openness::kOutsideWindow);
}

TEST(Calendar, AWindowOverMidnightBelongsToTheDayOnWhichItOpens) {
  Calendar calendar = Make("* * * * *", "UTC");
  calendar.windows = {{.days = Days("....F.."), .opens = 22 * 60, .closes = 4 * 60}};
  EXPECT_EQ(calendar.At(At("2026-06-05T23:00:00Z")), Openness::kOpen);  // a Friday
  EXPECT_EQ(calendar.At(At("2026-06-06T03:59:00Z")), Openness::kOpen);
  EXPECT_EQ(calendar.At(At("2026-06-06T22:30:00Z")), Openness::kOutsideWindow);
  EXPECT_EQ(calendar.At(At("2026-06-05T03:00:00Z")), Openness::kOutsideWindow);
}

TEST(Calendar, ABlackoutIsOfLocalDaysAndOutranksWindows) {
  Calendar calendar = Make("0 12 * * *", "America/New_York");
  calendar.windows = {{.days = Days("MTWTFSS"), .opens = 0, .closes = 24 * 60}};
  calendar.blackouts = {*ParseBlackout("2026-12-24..2026-12-26")};
  EXPECT_EQ(calendar.At(At("2026-12-24T04:59:00Z")), Openness::kOpen);
  EXPECT_EQ(calendar.At(At("2026-12-24T05:00:00Z")), Openness::kBlackout);
  EXPECT_EQ(calendar.At(At("2026-12-27T04:59:00Z")), Openness::kBlackout);
  EXPECT_EQ(calendar.NextOpen(At("2026-12-23T18:00:00Z")), At("2026-12-27T17:00:00Z"));
}

TEST(Calendar, FindsTheFirstOpenTimeAndSaysWhenThereIsNone) {
  Calendar calendar = Make("*/5 * * * *", "UTC");
  calendar.windows = {{.days = Days("......S"), .opens = 123, .closes = 126}};
  EXPECT_EQ(calendar.NextOpen(At("2026-06-01T00:00:00Z")), At("2026-06-07T02:05:00Z"));
  calendar.cron = Parsed("0 12 * * *");
  EXPECT_EQ(calendar.NextOpen(At("2026-06-01T00:00:00Z")), absl::InfiniteFuture());
  calendar.cron = Parsed("* * 30 2 *");
  EXPECT_EQ(calendar.NextOpen(At("2026-06-01T00:00:00Z")), absl::InfiniteFuture());
}

TEST(Calendar, ALongBlackoutOfEveryMinuteEnds) {
  Calendar calendar = Make("* * * * *", "UTC");
  calendar.blackouts = {*ParseBlackout("2026-01-01..2046-12-31"), *ParseBlackout("2047-01-01")};
  EXPECT_EQ(calendar.NextOpen(At("2026-06-01T00:00:00Z")), At("2047-01-02T00:00:00Z"));
}

TEST(Calendar, ReadsTimesOfDayAndDates) {
  EXPECT_EQ(ParseTimeOfDay("09:05"), 545);
  EXPECT_EQ(ParseTimeOfDay("24:00"), 1440);
  for (const char* text : {"9:05", "24:01", "12:60", "12.30", "", "12:300"})
    EXPECT_FALSE(ParseTimeOfDay(text)) << text;
  EXPECT_TRUE(ParseBlackout("2028-02-29"));
  for (const char* text : {"2026-02-29", "2026-2-3", "2026-12-31..2026-12-30", "2026-12-31..", "",
                           "2026-12-31.2027-01-01"})
    EXPECT_FALSE(ParseBlackout(text)) << text;
}

TEST(Calendar, TakesIanaNamesOnly) {
  EXPECT_TRUE(FindTimeZone("UTC"));
  EXPECT_TRUE(FindTimeZone("America/Argentina/Buenos_Aires"));
  for (const char* name : {"", "localtime", "/etc/localtime", "Europe/../Europe/Berlin",
                           "Europe/Berlyn", "file:Europe/Berlin", "CEST"})
    EXPECT_FALSE(FindTimeZone(name)) << name;
}

}  // namespace
}  // namespace murphy::schedules
