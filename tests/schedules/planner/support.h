// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "daemon/schedules/planner/calendar.h"

namespace murphy::schedules {

inline Cron Parsed(std::string_view text) {
  Cron cron;
  const auto mistake = ParseCron(text, cron);
  EXPECT_FALSE(mistake) << text << ": " << mistake->message;
  return cron;
}

inline absl::TimeZone Zone(std::string_view name) {
  const auto zone = FindTimeZone(name);
  EXPECT_TRUE(zone) << name;
  return zone.value_or(absl::UTCTimeZone());
}

// `2026-03-29T02:30:00Z`, or with an offset.
inline absl::Time At(std::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, std::string(text), &time, &error))
      << text << ": " << error;
  return time;
}

inline std::string Shown(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%dT%H:%M%Ez", time, zone);
}

// Planned times after `after` and before `before`, as the local clock shows them.
inline std::vector<std::string> Times(std::string_view cron, std::string_view zone,
                                      std::string_view after, std::string_view before) {
  const Cron parsed = Parsed(cron);
  std::vector<std::string> times;
  for (absl::Time time = NextPlanned(parsed, Zone(zone), At(after));
       time < At(before) && times.size() < 1000; time = NextPlanned(parsed, Zone(zone), time)) {
    times.push_back(Shown(time, Zone(zone)));
  }
  return times;
}

using Strings = std::vector<std::string>;

}  // namespace murphy::schedules
