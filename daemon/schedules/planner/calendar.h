// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "daemon/schedules/planner/cron.h"

namespace murphy::schedules {

// Hours of some days, in minutes of the local day. One that closes at or before it opens closes on
// the next day.
struct Window {
  // From 0, Monday.
  std::bitset<7> days;
  int opens = 0;
  int closes = 0;
};

// Days, both included.
struct Blackout {
  absl::CivilDay first;
  absl::CivilDay last;
};

// When something may run, and when it is planned to. Pure: every time is passed in.
struct Calendar {
  Cron cron;
  absl::TimeZone zone;
  // None: always open.
  std::vector<Window> windows;
  std::vector<Blackout> blackouts;

  enum class Openness { kOpen, kOutsideWindow, kBlackout };
  Openness At(absl::Time time) const;
  // The first planned time after `after`, whether open or not.
  absl::Time Next(absl::Time after) const { return NextPlanned(cron, zone, after); }
  // The first that is open; InfiniteFuture when there is none.
  absl::Time NextOpen(absl::Time after) const;
};

// Minutes of `HH:MM`, up to `24:00`.
std::optional<int> ParseTimeOfDay(std::string_view text);
// `2026-12-24`, or `2026-12-24..2027-01-02`.
std::optional<Blackout> ParseBlackout(std::string_view text);
// An IANA name. A name never leads out of the system's time zones.
std::optional<absl::TimeZone> FindTimeZone(std::string_view name);

}  // namespace murphy::schedules
