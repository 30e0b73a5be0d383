// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "absl/strings/str_cat.h"
#include "tests/schedules/planner/support.h"

namespace murphy::schedules {
namespace {

constexpr char kBerlin[] = "Europe/Berlin";
constexpr char kNewYork[] = "America/New_York";
constexpr char kLordHowe[] = "Australia/Lord_Howe";

TEST(NextPlanned, IsStrictlyLater) {
  EXPECT_EQ(Times("0 12 * * *", "UTC", "2026-01-01T12:00:00Z", "2026-01-03T00:00:00Z"),
            Strings({"2026-01-02T12:00+00:00"}));
  EXPECT_EQ(Times("0 12 * * *", "UTC", "2026-01-01T11:59:59.5Z", "2026-01-02T00:00:00Z"),
            Strings({"2026-01-01T12:00+00:00"}));
}

TEST(NextPlanned, FollowsTheLocalDay) {
  EXPECT_EQ(Times("30 2 * * *", kNewYork, "2026-01-10T00:00:00Z", "2026-01-12T00:00:00Z"),
            Strings({"2026-01-10T02:30-05:00", "2026-01-11T02:30-05:00"}));
}

TEST(NextPlanned, ATimeThatDoesNotExistIsPlannedAfterTheGapOnce) {
  EXPECT_EQ(Times("30 2 * * *", kBerlin, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
            Strings({"2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"}));
  EXPECT_EQ(
      Times("*/15 2 * * *", kNewYork, "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"),
      Strings({"2026-03-08T03:00-04:00"}));
  // And not beside one that is there anyway.
  EXPECT_EQ(Times("0 2,3 * * *", kBerlin, "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z"),
            Strings({"2026-03-29T03:00+02:00"}));
}

TEST(NextPlanned, ATimeThatExistsTwiceIsPlannedAtTheFirst) {
  EXPECT_EQ(Times("30 2 * * *", kBerlin, "2026-10-24T12:00:00Z", "2026-10-26T00:00:00Z"),
            Strings({"2026-10-25T02:30+02:00"}));
  EXPECT_EQ(Times("0,30 1 * * *", kNewYork, "2026-11-01T04:00:00Z", "2026-11-01T12:00:00Z"),
            Strings({"2026-11-01T01:00-04:00", "2026-11-01T01:30-04:00"}));
  // Asked between the two.
  EXPECT_EQ(Times("30 2 * * *", kBerlin, "2026-10-25T00:45:00Z", "2026-10-26T12:00:00Z"),
            Strings({"2026-10-26T02:30+01:00"}));
}

TEST(NextPlanned, EveryHourRunsOnThroughBothChanges) {
  EXPECT_EQ(
      Times("30 * * * *", kBerlin, "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z"),
      Strings({"2026-03-29T01:30+01:00", "2026-03-29T03:30+02:00", "2026-03-29T04:30+02:00"}));
  EXPECT_EQ(
      Times("30 * * * *", kBerlin, "2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z"),
      Strings({"2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", "2026-10-25T03:30+01:00"}));
  EXPECT_EQ(Times("* * * * *", kBerlin, "2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z").size(),
            179u);
  EXPECT_EQ(Times("* * * * *", kNewYork, "2026-03-08T06:00:00Z", "2026-03-08T09:00:00Z").size(),
            179u);
}

TEST(NextPlanned, KnowsChangesOfHalfAnHour) {
  // Forward from 02:00 to 02:30, back from 02:00 to 01:30.
  EXPECT_EQ(Times("15 2 * * *", kLordHowe, "2026-10-03T00:00:00Z", "2026-10-05T00:00:00Z"),
            Strings({"2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"}));
  EXPECT_EQ(Times("45 1 * * *", kLordHowe, "2026-04-04T12:00:00Z", "2026-04-05T12:00:00Z"),
            Strings({"2026-04-05T01:45+11:00"}));
  EXPECT_EQ(
      Times("45 * * * *", kLordHowe, "2026-04-04T14:00:00Z", "2026-04-04T16:30:00Z"),
      Strings({"2026-04-05T01:45+11:00", "2026-04-05T01:45+10:30", "2026-04-05T02:45+10:30"}));
}

TEST(NextPlanned, KnowsAGapAtMidnightAndADayThatNeverWas) {
  EXPECT_EQ(Times("0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", "2026-09-07T12:00:00Z"),
            Strings({"2026-09-06T01:00-03:00", "2026-09-07T00:00-03:00"}));
  EXPECT_EQ(
      Times("0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", "2011-12-31T12:00:00Z"),
      Strings({"2011-12-29T12:00-10:00", "2011-12-31T00:00+14:00", "2011-12-31T12:00+14:00"}));
}

TEST(NextPlanned, ADayThatNotEveryMonthHasIsLeftOut) {
  EXPECT_EQ(
      Times("0 0 31 * *", "UTC", "2026-01-31T00:00:00Z", "2026-08-01T00:00:00Z"),
      Strings({"2026-03-31T00:00+00:00", "2026-05-31T00:00+00:00", "2026-07-31T00:00+00:00"}));
}

TEST(NextPlanned, KnowsLeapDays) {
  EXPECT_EQ(Times("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2033-01-01T00:00:00Z"),
            Strings({"2028-02-29T00:00+00:00", "2032-02-29T00:00+00:00"}));
  EXPECT_EQ(Times("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2105-01-01T00:00:00Z"),
            Strings({"2104-02-29T00:00+00:00"}));
}

TEST(NextPlanned, ADayThatNeverComesIsNever) {
  for (const char* text : {"0 0 30 2 *", "0 0 31 4,6,9,11 *", "* * 31 2 *"}) {
    EXPECT_EQ(NextPlanned(Parsed(text), absl::UTCTimeZone(), At("2026-01-01T00:00:00Z")),
              absl::InfiniteFuture())
        << text;
  }
  const Cron cron = Parsed("* * * * *");
  EXPECT_EQ(NextPlanned(cron, absl::UTCTimeZone(), absl::InfiniteFuture()), absl::InfiniteFuture());
  EXPECT_EQ(NextPlanned(cron, absl::UTCTimeZone(), absl::InfinitePast()), absl::InfiniteFuture());
}

// A field of random shape.
std::string RandomField(std::mt19937& random, int least, int most) {
  const auto number = [&] { return std::uniform_int_distribution<int>(least, most)(random); };
  switch (random() % 4) {
    case 0:
      return "*";
    case 1:
      return absl::StrCat("*/", 1 + random() % 7);
    case 2: {
      const int first = number();
      return absl::StrCat(first, "-", std::max(first, number()));
    }
    default:
      return absl::StrCat(number(), ",", number());
  }
}

// What the header says, one minute after the other.
std::vector<absl::Time> ByHand(const Cron& cron, absl::TimeZone zone, absl::Time begin,
                               absl::Time end) {
  std::set<absl::Time> planned;
  const auto matches = [&cron](absl::CivilSecond local) {
    return cron.MatchesDay(absl::CivilDay(local)) && cron.hours[local.hour()] &&
           cron.minutes[local.minute()];
  };
  if (cron.hours.all()) {
    for (absl::Time time = begin + absl::Minutes(1); time < end; time += absl::Minutes(1)) {
      if (matches(absl::ToCivilSecond(time, zone))) planned.insert(time);
    }
    return {planned.begin(), planned.end()};
  }
  const absl::CivilSecond last = absl::ToCivilSecond(end, zone) + 86400;
  for (absl::CivilSecond local = absl::ToCivilSecond(begin, zone) - 86400; local < last;
       local += 60) {
    if (!matches(local)) continue;
    const auto info = zone.At(local);
    const absl::Time time = info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
    if (time > begin && time < end) planned.insert(time);
  }
  return {planned.begin(), planned.end()};
}

TEST(NextPlanned, AgreesWithCountingMinutesAroundEveryChange) {
  std::mt19937 random(7);
  const std::pair<const char*, const char*> changes[] = {
      {kBerlin, "2026-03-28T00:00:00Z"},
      {kBerlin, "2026-10-24T00:00:00Z"},
      {kNewYork, "2026-03-07T00:00:00Z"},
      {kNewYork, "2026-10-31T00:00:00Z"},
      {kLordHowe, "2026-04-04T00:00:00Z"},
      {kLordHowe, "2026-10-03T00:00:00Z"},
      {"America/Santiago", "2026-04-04T00:00:00Z"},
      {"America/Santiago", "2026-09-05T00:00:00Z"},
      {"Pacific/Apia", "2011-12-29T00:00:00Z"}};
  for (int i = 0; i < 400; ++i) {
    const auto& [name, begin] = changes[i % std::size(changes)];
    const std::string text =
        absl::StrCat(RandomField(random, 0, 59), " ", RandomField(random, 0, 23), " ",
                     RandomField(random, 1, 31), " * ", RandomField(random, 0, 6));
    const Cron cron = Parsed(text);
    const absl::Time end = At(begin) + absl::Hours(60);
    std::vector<absl::Time> times;
    for (absl::Time time = NextPlanned(cron, Zone(name), At(begin)); time < end;
         time = NextPlanned(cron, Zone(name), time)) {
      times.push_back(time);
    }
    ASSERT_EQ(times, ByHand(cron, Zone(name), At(begin), end)) << text << " in " << name;
  }
}

}  // namespace
}  // namespace murphy::schedules
