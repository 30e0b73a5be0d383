// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/planner/cron.h"

namespace murphy::schedules {
namespace {

// A leap day on a given day of the week may be forty years away.
constexpr int kYears = 60;

// The instant at which the local clock first shows `local`, or jumps over it.
absl::Time FirstInstant(absl::TimeZone zone, absl::CivilSecond local) {
  const absl::TimeZone::TimeInfo info = zone.At(local);
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

// Every hour: by what the local clock shows, minute after minute.
absl::Time NextShown(const Cron& cron, absl::TimeZone zone, absl::Time after) {
  const absl::CivilYear last = absl::ToCivilYear(after, zone) + kYears;
  absl::Time time = absl::FromUnixSeconds(absl::ToUnixSeconds(after) / 60 * 60);
  while (time <= after) time += absl::Minutes(1);
  while (true) {
    const absl::CivilSecond local = absl::ToCivilSecond(time, zone);
    if (absl::CivilYear(local) > last) return absl::InfiniteFuture();
    if (!cron.MatchesDay(absl::CivilDay(local))) {
      const absl::Time next = FirstInstant(zone, absl::CivilSecond(absl::CivilDay(local) + 1));
      time = next > time ? next : time + absl::Minutes(1);
    } else if (cron.minutes[static_cast<size_t>(local.minute())] && local.second() == 0) {
      return time;
    } else {
      time += absl::Minutes(1);
    }
  }
}

// The first of a day's times after `after`; InfiniteFuture for none.
absl::Time NextOfDay(const Cron& cron, absl::TimeZone zone, absl::CivilDay day, absl::Time after) {
  for (int hour = 0; hour < 24; ++hour) {
    if (!cron.hours[static_cast<size_t>(hour)]) continue;
    // The whole hour is over.
    if (FirstInstant(zone, absl::CivilSecond(day) + (hour + 1) * int64_t{3600}) < after) continue;
    for (int minute = 0; minute < 60; ++minute) {
      if (!cron.minutes[static_cast<size_t>(minute)]) continue;
      const absl::Time time =
          FirstInstant(zone, absl::CivilSecond(day.year(), day.month(), day.day(), hour, minute));
      if (time > after) return time;
    }
  }
  return absl::InfiniteFuture();
}

}  // namespace

absl::Time NextPlanned(const Cron& cron, absl::TimeZone zone, absl::Time after) {
  // Beyond this, civil time means nothing.
  if (after > absl::FromUnixSeconds(1ll << 40) || after < absl::FromUnixSeconds(-(1ll << 40)))
    return absl::InfiniteFuture();
  if (cron.hours.all()) return NextShown(cron, zone, after);
  absl::CivilDay day = absl::ToCivilDay(after, zone);
  const absl::CivilYear last = absl::CivilYear(day) + kYears;
  while (absl::CivilYear(day) <= last) {
    if (!cron.months[static_cast<size_t>(day.month())]) {
      day = absl::CivilDay(absl::CivilMonth(day) + 1);
      continue;
    }
    if (cron.MatchesDay(day)) {
      const absl::Time time = NextOfDay(cron, zone, day, after);
      if (time < absl::InfiniteFuture()) return time;
    }
    ++day;
  }
  return absl::InfiniteFuture();
}

}  // namespace murphy::schedules
