// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/planner/calendar.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"

namespace murphy::schedules {
namespace {

// Planned times in a row that may be outside of every window: more than a month of minutes, of
// which a week shows every day and hour.
constexpr int kMostClosed = 50'000;
constexpr absl::Duration kHorizon = absl::Hours(24 * 366 * 60);

bool Contains(const Window& window, absl::CivilSecond local) {
  const auto weekday = [](absl::CivilDay day) {
    return static_cast<size_t>(absl::GetWeekday(day));
  };
  const absl::CivilDay today(local);
  const int minute = local.hour() * 60 + local.minute();
  const bool since_today = window.days[weekday(today)] && minute >= window.opens;
  if (window.opens < window.closes) return since_today && minute < window.closes;
  return since_today || (window.days[weekday(today - 1)] && minute < window.closes);
}

// `count` digits at `at`, or nullopt.
std::optional<int> Digits(std::string_view text, size_t at, size_t count) {
  int number = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (i >= text.size() || !absl::ascii_isdigit(static_cast<unsigned char>(text[i])))
      return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  return number;
}

std::optional<absl::CivilDay> ParseDay(std::string_view text) {
  const auto year = Digits(text, 0, 4);
  const auto month = Digits(text, 5, 2);
  const auto day = Digits(text, 8, 2);
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !year || !month || !day)
    return std::nullopt;
  const absl::CivilDay civil(*year, *month, *day);
  // A day that does not exist becomes another one.
  if (civil.month() != *month || civil.day() != *day) return std::nullopt;
  return civil;
}

}  // namespace

Calendar::Openness Calendar::At(absl::Time time) const {
  const absl::CivilSecond local = absl::ToCivilSecond(time, zone);
  const absl::CivilDay day(local);
  for (const Blackout& blackout : blackouts) {
    if (day >= blackout.first && day <= blackout.last) return Openness::kBlackout;
  }
  const bool open = windows.empty() ||
                    std::any_of(windows.begin(), windows.end(),
                                [local](const Window& window) { return Contains(window, local); });
  return open ? Openness::kOpen : Openness::kOutsideWindow;
}

absl::Time Calendar::NextOpen(absl::Time after) const {
  int closed = 0;
  absl::Time time = Next(after);
  while (time - after < kHorizon && closed < kMostClosed) {
    const Openness openness = At(time);
    if (openness == Openness::kOpen) return time;
    if (openness == Openness::kOutsideWindow) {
      ++closed;
      time = Next(time);
      continue;
    }
    const absl::CivilDay day = absl::ToCivilDay(time, zone);
    for (const Blackout& blackout : blackouts) {
      if (day < blackout.first || day > blackout.last) continue;
      // Just before the next day begins.
      const absl::Time end = absl::FromCivil(absl::CivilSecond(blackout.last + 1), zone);
      time = Next(std::max(time, end - absl::Seconds(1)));
      break;
    }
  }
  return absl::InfiniteFuture();
}

std::optional<int> ParseTimeOfDay(std::string_view text) {
  const auto hour = Digits(text, 0, 2);
  const auto minute = Digits(text, 3, 2);
  if (text.size() != 5 || text[2] != ':' || !hour || !minute || *minute > 59) return std::nullopt;
  const int minutes = *hour * 60 + *minute;
  if (minutes > 24 * 60) return std::nullopt;
  return minutes;
}

std::optional<Blackout> ParseBlackout(std::string_view text) {
  const size_t dots = text.find("..");
  const auto first = ParseDay(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : ParseDay(text.substr(dots + 2));
  if (!first || !last || *last < *first) return std::nullopt;
  return Blackout{*first, *last};
}

std::optional<absl::TimeZone> FindTimeZone(std::string_view name) {
  if (name == "UTC") return absl::UTCTimeZone();
  // The library takes paths as well, and `localtime` for whatever this machine has.
  const bool plain =
      !name.empty() && name.size() <= 64 &&
      absl::ascii_isupper(static_cast<unsigned char>(name[0])) &&
      std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '+' || c == '/';
      });
  absl::TimeZone zone;
  if (!plain || !absl::LoadTimeZone(std::string(name), &zone)) return std::nullopt;
  return zone;
}

}  // namespace murphy::schedules
