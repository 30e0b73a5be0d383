// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/journal/audit.h"
#include "daemon/schedules/planner/calendar.h"
#include "murphy/v1/schedule_service.pb.h"

namespace murphy::schedules {

// What became of a planned time, as history and audit log tell it.

void Become(v1::ScheduleStart& start, v1::ScheduleStartState state, std::string reason = "");

// Whether a start says the same as the one before it: those that began nothing do, except that
// missed ones are told one by one.
bool Joins(const v1::ScheduleStart& before, const v1::ScheduleStart& start);

// Whether the calendar keeps an experiment from running at this time; then `start` says so.
bool Closed(const Calendar& calendar, absl::Time time, v1::ScheduleStart& start);

// Put on record that a schedule begins an experiment, that it was refused one, and that one has
// ended. What happens by itself happens even where it cannot be put on record; a beginning does
// not.
absl::Status RecordStart(journal::AuditLog& audit, const v1::ScheduleStart& start);
void RecordRefusal(journal::AuditLog& audit, const v1::ScheduleStart& start);
void RecordEnd(journal::AuditLog& audit, const v1::ScheduleStart& start);

}  // namespace murphy::schedules
