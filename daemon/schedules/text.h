// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/config/reader.h"
#include "daemon/scenario/plan.h"
#include "daemon/schedules/planner/planner.h"
#include "murphy/v1/schedule_service.pb.h"

namespace murphy::schedules {

struct ScheduleReading {
  v1::Schedule schedule;
  config::Origins origins;
};

// Reads the text of a schedule and checks that it can start after `now`. INVALID_ARGUMENT with
// every mistake and its place.
absl::StatusOr<ScheduleReading> ReadSchedule(const v1::ScheduleSource& source, absl::Time now);

// When its starts are planned; mistakes of meaning are added to `mistakes`.
Timing TimingOf(const v1::Schedule& schedule, uint64_t seed,
                std::vector<scenario::Mistake>& mistakes);

}  // namespace murphy::schedules
