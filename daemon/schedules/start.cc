// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/start.h"

#include <fmt/format.h>

#include <utility>

#include "proto/time.h"



namespace murphy::schedules {
namespace {


// Names and ids need no escaping.
v1::AuditEntry EntryOf(const char* call, const v1::ScheduleStart& start) {
  v1::AuditEntry entry;
  entry.set_actor(fmt::format("schedule {}", start.schedule()));
  entry.set_call(call);
  std::string request =
      fmt::format(R"({{"schedule":"{}","start":{})", start.schedule(), start.number());
  if (start.has_planned_time()) {
    const absl::Time planned = FromProto(start.planned_time());
    request += fmt::format(R"(,"planned_time":"{}")",
                           absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", planned, absl::UTCTimeZone()));
  }
  if (!start.experiment().empty()) {
    request += fmt::format(R"(,"experiment":"{}","run":"{}")", start.experiment(), start.run());
  }
  entry.set_request(request + "}");
  entry.set_reason(start.reason());
  entry.set_result("OK");
  return entry;
}

}  // namespace

void Become(v1::ScheduleStart& start, v1::ScheduleStartState state, std::string reason) {
  start.set_state(state);
  start.set_reason(std::move(reason));
}

bool Joins(const v1::ScheduleStart& before, const v1::ScheduleStart& start) {
  if (before.state() != start.state() || before.reason() != start.reason()) return false;
  if (!before.has_planned_time() || !start.has_planned_time()) return false;
  // A clock that was set back begins a new row.
  const auto& last = before.more() > 0 ? before.last_planned_time() : before.planned_time();
  if (FromProto(start.planned_time()) <= FromProto(last)) return false;
  const bool skipped = start.state() == v1::SCHEDULE_START_STATE_SKIPPED_OVERLAP ||
                       start.state() == v1::SCHEDULE_START_STATE_SKIPPED_WINDOW ||
                       start.state() == v1::SCHEDULE_START_STATE_SKIPPED_BLACKOUT ||
                       start.state() == v1::SCHEDULE_START_STATE_SKIPPED_PAUSED;
  return skipped || start.state() == v1::SCHEDULE_START_STATE_REFUSED ||
         start.state() == v1::SCHEDULE_START_STATE_HALTED;
}

bool Closed(const Calendar& calendar, absl::Time time, v1::ScheduleStart& start) {
  switch (calendar.At(time)) {
    case Calendar::Openness::kOpen:
      return false;
    case Calendar::Openness::kOutsideWindow:
      Become(start, v1::SCHEDULE_START_STATE_SKIPPED_WINDOW);
      return true;
    case Calendar::Openness::kBlackout:
      Become(start, v1::SCHEDULE_START_STATE_SKIPPED_BLACKOUT);
      return true;
  }
  return false;
}

absl::Status RecordStart(journal::AuditLog& audit, const v1::ScheduleStart& start) {
  return audit.Append(EntryOf("StartScheduledExperiment", start));
}

void RecordRefusal(journal::AuditLog& audit, const v1::ScheduleStart& start) {
  v1::AuditEntry entry = EntryOf("StartScheduledExperiment", start);
  entry.set_result(fmt::format("FAILED_PRECONDITION: {}", start.reason()));
  entry.clear_reason();
  audit.AppendDone(std::move(entry)).IgnoreError();
}

void RecordEnd(journal::AuditLog& audit, const v1::ScheduleStart& start) {
  audit.AppendDone(EntryOf("EndScheduledExperiment", start)).IgnoreError();
}

}  // namespace murphy::schedules
