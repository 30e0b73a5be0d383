// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "daemon/control/backlog.h"
#include "daemon/control/calls.h"
#include "daemon/experiments/analyses.h"
#include "daemon/experiments/armed_faults.h"
#include "daemon/experiments/experiments.h"
#include "daemon/experiments/run_book.h"
#include "daemon/journal/journal.h"
#include "daemon/safety/audit.h"
#include "daemon/safety/off_switch.h"
#include "daemon/safety/status.h"
#include "daemon/schedules/schedules.h"

namespace murphy::control {

// A service each, over what does the work. They keep references to what they are given.
std::unique_ptr<grpc::Service> MakeAnalysisService(Calls& calls, experiments::Analyses& analyses);
std::unique_ptr<grpc::Service> MakeAuditService(Calls& calls, safety::Audit& audit);
std::unique_ptr<grpc::Service> MakeExperimentService(Calls& calls, experiments::Experiments& book,
                                                     experiments::RunBook& runs);
std::unique_ptr<grpc::Service> MakeRunService(Calls& calls, experiments::RunBook& runs);
std::unique_ptr<grpc::Service> MakeFaultService(Calls& calls, experiments::ArmedFaults& faults);
std::unique_ptr<grpc::Service> MakeJournalService(Calls& calls, journal::Journal& journal,
                                                  WatchBudget& watch_budget);
std::unique_ptr<grpc::Service> MakeSafetyService(Calls& calls, safety::OffSwitch& off_switch,
                                                 safety::StatusReport& status);
std::unique_ptr<grpc::Service> MakeScheduleService(Calls& calls, schedules::Schedules& schedules);

}  // namespace murphy::control
