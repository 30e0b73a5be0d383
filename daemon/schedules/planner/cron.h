// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace murphy::schedules {

// A parsed cron expression: five fields of sets.
struct Cron {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  // From 1.
  std::bitset<32> days;
  // From 1.
  std::bitset<13> months;
  // From 0, Sunday.
  std::bitset<7> weekdays;
  // The field begins with `*`.
  bool any_day = false;
  bool any_weekday = false;

  // As in Vixie cron (crontab(5)): where both day fields are restricted, one of them is enough; a
  // field that begins with `*` restricts nothing by that rule, and both must match.
  bool MatchesDay(absl::CivilDay day) const;
};

// What is wrong with an expression; `column` counts its characters, from 1.
struct CronMistake {
  size_t column = 1;
  std::string message;
};

// Reads `MINUTE HOUR DAY MONTH WEEKDAY`, with lists, ranges, steps and names, or one of `@hourly`,
// `@daily`, `@weekly`, `@monthly`, `@yearly`.
std::optional<CronMistake> ParseCron(std::string_view text, Cron& cron);

// The first planned time after `after`; InfiniteFuture when there is none within sixty years.
//
// When clocks change: an expression whose hour field has every hour plans an instant whenever the
// local clock shows a matching time, so it runs on through both changes. Any other is about times
// of a day: one that does not exist is planned at the first instant after the gap, and several of
// them once; one that exists twice is planned at the first of the two.
absl::Time NextPlanned(const Cron& cron, absl::TimeZone zone, absl::Time after);

}  // namespace murphy::schedules
