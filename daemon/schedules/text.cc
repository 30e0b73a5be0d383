// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/experiments/mistakes.h"
#include "daemon/experiments/source.h"
#include "daemon/journal/clean.h"
#include "google/protobuf/util/message_differencer.h"
#include "proto/time.h"

namespace murphy::schedules {
namespace {


constexpr char kSchema[] = "murphy.schedule/v1";
constexpr size_t kLongestName = 64;
constexpr int kMostEntries = 1000;
constexpr absl::Duration kDefaultDeadline = absl::Minutes(1);

using Mistakes = std::vector<scenario::Mistake>;

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

int ReadTime(const std::string& text, const std::string& path, Mistakes& mistakes) {
  const auto minutes = ParseTimeOfDay(text);
  if (!minutes) {
    mistakes.push_back(
        {path, fmt::format("expected a local time as `22:30`, at most `24:00`, not \"{}\"", text)});
  }
  return minutes.value_or(0);
}

Window ReadWindow(const v1::ScheduleWindow& text, const std::string& path, Mistakes& mistakes) {
  Window window;
  if (text.days().empty()) window.days.set();
  // The enumerators begin with Monday, at 1.
  for (const int day : text.days()) window.days.set(static_cast<size_t>(day - 1) % 7);
  window.opens = ReadTime(text.opens(), path + ".opens", mistakes);
  window.closes = ReadTime(text.closes(), path + ".closes", mistakes);
  if (text.opens() == text.closes()) {
    mistakes.push_back({path + ".closes",
                        "the window closes when it opens: for a whole day write opens = \"00:00\", "
                        "closes = \"24:00\""});
  }
  if (window.opens == 24 * 60)
    mistakes.push_back({path + ".opens", "`24:00` is the end of a day: write `00:00`"});
  return window;
}

Calendar CalendarOf(const v1::Schedule& schedule, Mistakes& mistakes) {
  Calendar calendar;
  if (const auto mistake = ParseCron(schedule.cron(), calendar.cron)) {
    mistakes.push_back({"cron", fmt::format("`cron` = \"{}\", at its column {}: {}",
                                            schedule.cron(), mistake->column, mistake->message)});
  }
  const std::string zone = schedule.has_time_zone() ? schedule.time_zone() : "UTC";
  if (const auto found = FindTimeZone(zone)) {
    calendar.zone = *found;
  } else {
    mistakes.push_back(
        {"time_zone",
         fmt::format("there is no time zone \"{}\" on this machine: write an IANA name "
                     "as `Europe/Berlin`",
                     zone)});
  }
  if (schedule.window_size() > kMostEntries || schedule.blackout_size() > kMostEntries) {
    mistakes.push_back(
        {"", fmt::format("a schedule has at most {} windows and blackouts", kMostEntries)});
    return calendar;
  }
  for (int i = 0; i < schedule.window_size(); ++i) {
    calendar.windows.push_back(
        ReadWindow(schedule.window(i), fmt::format("window[{}]", i), mistakes));
  }
  for (int i = 0; i < schedule.blackout_size(); ++i) {
    const auto blackout = ParseBlackout(schedule.blackout(i));
    if (blackout) {
      calendar.blackouts.push_back(*blackout);
    } else {
      mistakes.push_back(
          {fmt::format("blackout[{}]", i),
           fmt::format("expected a date as `2026-12-24`, or two as `2026-12-24..2027-01-02`, not "
                       "\"{}\"",
                       schedule.blackout(i))});
    }
  }
  return calendar;
}

// A schedule that would never start is a mistake, and not one to be found out next year.
void CheckStarts(const Calendar& calendar, absl::Time now, Mistakes& mistakes) {
  if (calendar.Next(now) == absl::InfiniteFuture()) {
    mistakes.push_back({"cron", "it never starts: no such day comes"});
  } else if (calendar.NextOpen(now) == absl::InfiniteFuture()) {
    mistakes.push_back({calendar.windows.empty() ? "blackout" : "window",
                        "it never starts: no planned time is inside of a window and outside of the "
                        "blackout dates"});
  }
}

void CheckHead(const v1::Schedule& schedule, Mistakes& mistakes) {
  if (schedule.schema() != kSchema) {
    mistakes.push_back(
        {"schema", fmt::format("`schema` must be \"{}\", not \"{}\"", kSchema, schedule.schema())});
  }
  if (!IsName(schedule.name())) {
    mistakes.push_back({"name", fmt::format("`name` must be of lower-case letters, digits and `-`, "
                                            "at most {}, not \"{}\"",
                                            kLongestName, schedule.name())});
  }
  if (!schedule.has_scenario() && schedule.faults().empty())
    mistakes.push_back({"", "the schedule names neither a `scenario` nor `faults`"});
}

bool HoldsSecret(v1::Scenario scenario) {
  const v1::Scenario written = scenario;
  journal::Clean(scenario);
  return !google::protobuf::util::MessageDifferencer::Equals(scenario, written);
}

// A schedule is kept on disk as it was written, for what it injects.
void CheckSecrets(const v1::ScheduleSource& source, const v1::Schedule& schedule,
                  Mistakes& mistakes) {
  constexpr char kRefusal[] =
      "holds what looks like a secret, and a schedule is kept on disk as it is written: leave it "
      "out";
  v1::Scenario scenario = experiments::ReadSource(source.scenario()).scenario;
  if (!scenario.run().env().empty()) {
    mistakes.push_back({"scenario",
                        "`scenario` has variables (`run.env`), and a schedule runs no agent and is "
                        "kept on disk as it is written: leave them out"});
  }
  // Whatever stands where its path should is kept, too.
  if (HoldsSecret(std::move(scenario)) ||
      HoldsSecret(config::ReadScenario("scenario", schedule.scenario(), {}).scenario)) {
    mistakes.push_back({"scenario", fmt::format("`scenario` {}", kRefusal)});
  }
  for (int i = 0; i < schedule.faults_size(); ++i) {
    v1::Scenario inline_rule;
    config::ReadInlineRule("fault", schedule.faults(i), inline_rule, nullptr);
    if (HoldsSecret(std::move(inline_rule)))
      mistakes.push_back({fmt::format("faults[{}]", i), fmt::format("the fault {}", kRefusal)});
  }
}

}  // namespace

Timing TimingOf(const v1::Schedule& schedule, uint64_t seed, Mistakes& mistakes) {
  return {.calendar = CalendarOf(schedule, mistakes),
          .jitter = FromProto(schedule.jitter()),
          .deadline = schedule.has_start_deadline() ? FromProto(schedule.start_deadline())
                                                    : kDefaultDeadline,
          .seed = seed,
          .name = schedule.name()};
}

absl::StatusOr<ScheduleReading> ReadSchedule(const v1::ScheduleSource& source, absl::Time now) {
  const std::string what = source.name().empty() ? "schedule.toml" : source.name();
  ScheduleReading reading;
  const std::vector<config::Mistake> misread =
      config::ReadToml(what, source.text(), reading.schedule, &reading.origins);
  if (!misread.empty()) return experiments::MistakesIn(what, misread);
  Mistakes mistakes;
  CheckHead(reading.schedule, mistakes);
  CheckSecrets(source, reading.schedule, mistakes);
  const Timing timing = TimingOf(reading.schedule, 0, mistakes);
  if (mistakes.empty()) CheckStarts(timing.calendar, now, mistakes);
  if (!mistakes.empty()) return experiments::MistakesIn(what, mistakes, reading.origins);
  return reading;
}

}  // namespace murphy::schedules
