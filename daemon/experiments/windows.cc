// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/windows.h"

#include <fmt/format.h>

#include <optional>

#include "daemon/experiments/refusal.h"
#include "daemon/schedules/planner/calendar.h"

namespace murphy::experiments {
namespace {

constexpr char kOpens[] = "00:00";
constexpr char kCloses[] = "24:00";
constexpr char kZone[] = "UTC";
constexpr absl::Duration kLookAhead = absl::Hours(24 * 8);

std::string Opens(const v1::GuardWindow& window) {
  return window.has_opens() ? window.opens() : kOpens;
}
std::string Closes(const v1::GuardWindow& window) {
  return window.has_closes() ? window.closes() : kCloses;
}
std::string Zone(const v1::GuardWindow& window) {
  return window.has_time_zone() ? window.time_zone() : kZone;
}

// Nothing when it says something that cannot be meant.
std::optional<schedules::Calendar> CalendarOf(const v1::GuardWindow& spec) {
  const auto opens = schedules::ParseTimeOfDay(Opens(spec));
  const auto closes = schedules::ParseTimeOfDay(Closes(spec));
  const auto zone = schedules::FindTimeZone(Zone(spec));
  if (!opens || !closes || !zone) return std::nullopt;
  schedules::Window window{.opens = *opens, .closes = *closes};
  for (const int day : spec.days()) window.days.set(static_cast<size_t>(day - v1::WEEKDAY_MON));
  if (spec.days().empty()) window.days.set();
  schedules::Calendar calendar;
  calendar.zone = *zone;
  calendar.windows.push_back(window);
  return calendar;
}

}  // namespace

void CheckWindows(const std::string& path, const v1::Guard& guard,
                  std::vector<scenario::Mistake>& mistakes) {
  for (int i = 0; i < guard.window_size(); ++i) {
    const v1::GuardWindow& window = guard.window(i);
    const std::string place = fmt::format("{}.window[{}]", path, i);
    const auto check = [&](const char* key, const std::string& text) {
      if (schedules::ParseTimeOfDay(text)) return;
      mistakes.push_back(
          {fmt::format("{}.{}", place, key),
           fmt::format("`{}` is no time of day: expected `HH:MM`, up to `24:00`", text)});
    };
    check("opens", Opens(window));
    check("closes", Closes(window));
    if (!schedules::FindTimeZone(Zone(window))) {
      mistakes.push_back(
          {place + ".time_zone", fmt::format("`{}` is no time zone: expected an IANA name, as "
                                             "`Europe/Berlin`",
                                             Zone(window))});
    }
  }
}

bool WindowOpen(const v1::Guard& guard, absl::Time now) {
  for (const v1::GuardWindow& window : guard.window()) {
    const auto calendar = CalendarOf(window);
    if (calendar && calendar->At(now) == schedules::Calendar::Openness::kOpen) return true;
  }
  return guard.window().empty();
}

absl::Status RequireWindow(const v1::Guard& guard, const std::string& whose, absl::Time now) {
  if (WindowOpen(guard, now)) return absl::OkStatus();
  absl::Time next = now;
  while (!WindowOpen(guard, next) && next - now < kLookAhead) next += absl::Minutes(1);
  const std::string when =
      next - now < kLookAhead
          ? fmt::format("The next one opens at {}.",
                        absl::FormatTime("%Y-%m-%d %H:%M UTC", next, absl::UTCTimeZone()))
          : "None opens within a week.";
  return Refusal(absl::StatusCode::kFailedPrecondition, "OUTSIDE_WINDOW",
                 fmt::format("No window of {} (guard.window) is open: nothing is injected now. {}",
                             whose, when));
}

}  // namespace murphy::experiments
