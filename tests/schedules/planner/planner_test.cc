// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/planner/planner.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "tests/schedules/planner/support.h"

namespace murphy::schedules {
namespace {

Timing Plain(std::string_view cron) {
  Timing timing;
  timing.calendar = {
      .cron = Parsed(cron), .zone = absl::UTCTimeZone(), .windows = {}, .blackouts = {}};
  timing.deadline = absl::Seconds(60);
  timing.name = "nightly";
  return timing;
}

// `12:00 start`, `12:00 missed +3 12:15`.
Strings Told(const std::vector<Planned>& taken) {
  const char* fates[] = {"start", "missed", "window", "blackout"};
  Strings told;
  for (const Planned& one : taken) {
    std::string text = absl::StrCat(absl::FormatTime("%d %H:%M ", one.planned, absl::UTCTimeZone()),
                                    fates[static_cast<int>(one.fate)]);
    if (one.more > 0) {
      absl::StrAppend(&text, " +", one.more,
                      absl::FormatTime(" %d %H:%M", one.last, absl::UTCTimeZone()));
    }
    told.push_back(text);
  }
  return told;
}

TEST(Planner, StartsWhenItsTimeHasComeAndOnce) {
  Planner planner(Plain("0 12 * * *"), At("2026-06-01T00:00:00Z"), {});
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T11:59:59Z"))), Strings());
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T12:00:00Z"))), Strings({"01 12:00 start"}));
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T12:00:00Z"))), Strings());
  EXPECT_EQ(planner.evaluated(), At("2026-06-01T12:00:00Z"));
  EXPECT_EQ(Told(planner.Take(At("2026-06-02T12:00:59Z"))), Strings({"02 12:00 start"}));
}

TEST(Planner, WhatIsLaterThanTheDeadlineIsMissed) {
  Planner planner(Plain("0 12 * * *"), At("2026-06-01T00:00:00Z"), {});
  EXPECT_EQ(Told(planner.Take(At("2026-06-03T12:01:00Z"))),
            Strings({"01 12:00 missed", "02 12:00 missed", "03 12:00 start"}));
  EXPECT_EQ(Told(planner.Take(At("2026-06-04T12:01:01Z"))), Strings({"04 12:00 missed"}));
}

TEST(Planner, OfSeveralThatAreDueAtOnceTheLastStarts) {
  Timing timing = Plain("* * * * *");
  timing.deadline = absl::Minutes(10);
  Planner planner(timing, At("2026-06-01T12:00:00Z"), {});
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T12:03:30Z"))),
            Strings({"01 12:01 missed", "01 12:02 missed", "01 12:03 start"}));
}

TEST(Planner, TellsManyMissedStartsWithTheirNumber) {
  Planner planner(Plain("* * * * *"), At("2026-06-01T00:00:00Z"), {});
  const std::vector<Planned> taken = planner.Take(At("2026-06-02T00:00:30Z"));
  ASSERT_EQ(taken.size(), Planner::kMostTold + 1);
  EXPECT_EQ(Told({taken[0], taken[19], taken[20]}),
            Strings({"01 00:01 missed", "01 00:20 missed +1419 01 23:59", "02 00:00 start"}));
  EXPECT_FALSE(taken[19].uncounted);
}

TEST(Planner, DoesNotCountForever) {
  Planner planner(Plain("* * * * *"), At("1990-06-01T00:00:00Z"), {});
  const std::vector<Planned> taken = planner.Take(At("2026-06-02T00:00:30Z"));
  ASSERT_EQ(taken.size(), Planner::kMostTold + 1);
  EXPECT_TRUE(taken[19].uncounted);
  EXPECT_EQ(Told({taken[20]}), Strings({"02 00:00 start"}));
}

TEST(Planner, TellsSkippedOnesTogether) {
  Timing timing = Plain("*/10 * * * *");
  std::bitset<7> all;
  timing.calendar.windows = {{.days = all.set(), .opens = 60, .closes = 120}};
  timing.calendar.blackouts = {*ParseBlackout("2026-06-02")};
  Planner planner(timing, At("2026-06-01T00:50:00Z"), {});
  EXPECT_EQ(Told(planner.Take(At("2026-06-03T00:05:00Z"))),
            Strings({"01 01:00 missed", "01 01:10 missed", "01 01:20 missed", "01 01:30 missed",
                     "01 01:40 missed", "01 01:50 missed", "01 02:00 window +131 01 23:50",
                     "02 00:00 blackout +143 02 23:50", "03 00:00 window"}));
  EXPECT_EQ(planner.NextStarts(At("2026-06-03T00:05:00Z"), 2),
            std::vector<absl::Time>({At("2026-06-03T01:00:00Z"), At("2026-06-03T01:10:00Z")}));
}

TEST(Planner, JitterIsKeyedAndNeverReachesTheNextTime) {
  Timing timing = Plain("*/10 * * * *");
  timing.jitter = absl::Hours(5);
  timing.seed = 42;
  std::set<absl::Duration> seen;
  absl::Time planned = At("2026-06-01T00:00:00Z");
  for (int i = 0; i < 200; ++i, planned += absl::Minutes(10)) {
    const absl::Duration delay = timing.DueAt(planned) - planned;
    EXPECT_GE(delay, absl::ZeroDuration());
    EXPECT_LT(delay, absl::Minutes(10));
    EXPECT_EQ(timing.DueAt(planned) - planned, delay);
    seen.insert(delay);
  }
  EXPECT_GT(seen.size(), 190u);
  Timing other = timing;
  other.name = "another";
  EXPECT_NE(other.DueAt(planned), timing.DueAt(planned));
  other = timing;
  other.seed = 43;
  EXPECT_NE(other.DueAt(planned), timing.DueAt(planned));

  Planner planner(timing, At("2026-06-01T00:00:00Z"), {});
  const absl::Time due = planner.NextStarts(At("2026-06-01T00:00:01Z"), 1).front();
  EXPECT_EQ(due, timing.DueAt(At("2026-06-01T00:10:00Z")));
  EXPECT_TRUE(planner.Take(due - absl::Milliseconds(1)).empty());
  EXPECT_EQ(Told(planner.Take(due)), Strings({"01 00:10 start"}));
}

TEST(Planner, AClockThatIsSetBackStartsNothingTwice) {
  Planner planner(Plain("0 * * * *"), At("2026-06-01T00:30:00Z"), {});
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T01:00:00Z"))), Strings({"01 01:00 start"}));
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T02:00:10Z"))), Strings({"01 02:00 start"}));
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T00:10:00Z"))), Strings());
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T01:00:05Z"))), Strings());
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T02:00:05Z"))), Strings());
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T03:00:05Z"))), Strings({"01 03:00 start"}));
}

TEST(Planner, AClockThatWasAYearAheadDoesNotStopTheSchedule) {
  Planner planner(Plain("0 12 * * *"), At("2026-06-01T00:00:00Z"), {});
  const std::vector<Planned> ahead = planner.Take(At("2027-06-01T12:00:30Z"));
  EXPECT_EQ(ahead.back().fate, Fate::kStart);
  EXPECT_EQ(ahead.size(), Planner::kMostTold + 1);
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T10:00:00Z"))), Strings());
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T12:00:00Z"))), Strings({"01 12:00 start"}));
}

TEST(Planner, AClockThatIsSetBackToJustBeforeAPlannedTimeStartsIt) {
  for (const char* seen : {"2026-06-01T12:00:00Z", "2026-06-01T12:00:00.3Z"}) {
    Planner planner(Plain("0 12 * * *"), At("2026-06-05T12:00:00Z"), {});
    EXPECT_EQ(Told(planner.Take(At(seen))), Strings({"01 12:00 start"}));
  }
}

TEST(Planner, AnotherTimingGoesOnFromWhereItIsTold) {
  Planner planner(Plain("0 12 * * *"), At("2026-06-01T00:00:00Z"), {});
  planner.Take(At("2026-06-01T12:00:00Z"));
  planner.Retime(Plain("0 * * * *"), At("2026-06-01T12:30:00Z"));
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T13:00:00Z"))), Strings({"01 13:00 start"}));
  // What the old one started stays started.
  planner.Take(At("2026-06-01T11:30:00Z"));
  EXPECT_EQ(Told(planner.Take(At("2026-06-01T12:00:10Z"))), Strings());
}

TEST(Planner, ADelayOutOfTheWindowIsNoNextStart) {
  Timing timing = Plain("0 12 * * *");
  std::bitset<7> all;
  timing.calendar.windows = {{.days = all.set(), .opens = 12 * 60, .closes = 12 * 60 + 30}};
  timing.jitter = absl::Hours(1);
  timing.seed = 5;
  Planner planner(timing, At("2026-06-01T00:00:00Z"), {});
  const std::vector<absl::Time> next = planner.NextStarts(At("2026-06-01T00:00:00Z"), 20);
  ASSERT_EQ(next.size(), 20u);
  for (const absl::Time start : next)
    EXPECT_EQ(timing.calendar.At(start), Calendar::Openness::kOpen) << start;
}

TEST(Planner, ASmallStepBackTellsNothingTwice) {
  Planner planner(Plain("0 12 * * *"), At("2026-06-01T00:00:00Z"), {});
  planner.Take(At("2026-06-02T12:00:00.1Z"));
  EXPECT_TRUE(planner.Take(At("2026-06-02T11:59:59.9Z")).empty());
  EXPECT_TRUE(planner.Take(At("2026-06-02T12:00:01Z")).empty());
}

TEST(Planner, ARestartGoesOnWhereItWas) {
  Planner planner(Plain("0 12 * * *"), At("2026-06-01T12:00:00Z"), {At("2026-06-01T12:00:00Z")});
  EXPECT_TRUE(planner.Take(At("2026-06-01T12:00:05Z")).empty());
  EXPECT_TRUE(planner.Take(At("2026-06-01T10:00:00Z")).empty());
  EXPECT_TRUE(planner.Take(At("2026-06-01T12:00:05Z")).empty());
}

// Whatever the clock does, no planned time starts twice, and none starts out of time.
TEST(Planner, NoClockMakesItStartTwice) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    Timing timing = Plain(round % 2 == 0 ? "*/7 * * * *" : "13 */3 * * *");
    timing.jitter = absl::Minutes(round % 5);
    timing.seed = round;
    absl::Time now = At("2026-03-01T00:00:00Z");
    Planner planner(timing, now, {});
    std::set<absl::Time> started;
    for (int step = 0; step < 200; ++step) {
      const int seconds = static_cast<int>(random() % 900);
      const bool jump = random() % 10 == 0;
      now += jump ? absl::Hours(static_cast<int>(random() % 48) - 24) : absl::Seconds(seconds);
      for (const Planned& one : planner.Take(now)) {
        if (one.fate != Fate::kStart) continue;
        EXPECT_TRUE(started.insert(one.planned).second) << one.planned;
        const absl::Duration late = now - timing.DueAt(one.planned);
        EXPECT_TRUE(late >= absl::ZeroDuration() && late <= timing.deadline) << late;
      }
    }
  }
}

}  // namespace
}  // namespace murphy::schedules
