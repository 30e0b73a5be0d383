// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "daemon/control/operations.h"
#include "daemon/operations/armed_faults.h"
#include "daemon/operations/experiments.h"
#include "daemon/operations/run_book.h"
#include "daemon/operations/safety.h"
#include "daemon/operations/schedules.h"
#include "daemon/operations/world.h"

namespace murphy::operations {

// The daemon, as the control API sees it: each call goes to the part that knows about it.
class DaemonOperations final : public control::Operations {
 public:
  // `clock` shows the time of day to schedules.
  DaemonOperations(
      World& world, Identity identity,
      std::function<absl::Time()> clock = [] { return absl::Now(); });

  Safety& safety() { return safety_; }
  Schedules& schedules() { return schedules_; }
  // What has to happen by itself as time passes: leases and armed faults end. To be called several
  // times a second.
  void Tick();
  // No lease is held, no fault is armed, and no schedule has anything to do, now or later.
  bool idle() const { return !run_book_.any_lease() && !armed_faults_.any() && !schedules_.busy(); }

  absl::Status CreateExperiment(const v1::CreateExperimentRequest&,
                                v1::CreateExperimentResponse*) override;
  absl::Status GetExperiment(const v1::GetExperimentRequest&, v1::GetExperimentResponse*) override;
  absl::Status ListExperiments(const v1::ListExperimentsRequest&,
                               v1::ListExperimentsResponse*) override;
  absl::Status FinishExperiment(const v1::FinishExperimentRequest&,
                                v1::FinishExperimentResponse*) override;

  absl::Status StartRun(const v1::StartRunRequest&, v1::StartRunResponse*) override;
  absl::Status ReportOutcome(const v1::ReportOutcomeRequest&, v1::ReportOutcomeResponse*) override;
  absl::Status FinishRun(const v1::FinishRunRequest&, v1::FinishRunResponse*) override;
  absl::Status GetRun(const v1::GetRunRequest&, v1::GetRunResponse*) override;
  absl::Status ListRuns(const v1::ListRunsRequest&, v1::ListRunsResponse*) override;
  absl::Status OpenLease(const std::string& run) override;
  void RenewLease(const std::string& run) override;
  void CloseLease(const std::string& run) override;

  absl::Status ArmFault(const v1::ArmFaultRequest&, v1::ArmFaultResponse*) override;
  absl::Status DisarmFault(const v1::DisarmFaultRequest&, v1::DisarmFaultResponse*) override;
  absl::Status ListFaults(const v1::ListFaultsRequest&, v1::ListFaultsResponse*) override;
  absl::Status DescribeFaults(const v1::DescribeFaultsRequest&,
                              v1::DescribeFaultsResponse*) override;

  absl::Status ListExchanges(const v1::ListExchangesRequest&, v1::ListExchangesResponse*) override;
  absl::Status ListInjections(const v1::ListInjectionsRequest&,
                              v1::ListInjectionsResponse*) override;
  absl::Status ReplayRun(const v1::ReplayRunRequest&, v1::ReplayRunResponse*) override;
  absl::Status Watch(const v1::WatchRequest&, std::function<bool(const v1::Event&)> push,
                     std::unique_ptr<Subscription>* subscription) override;

  absl::Status Halt(const v1::HaltRequest&, v1::HaltResponse*) override;
  absl::Status Resume(const v1::ResumeRequest&, v1::ResumeResponse*) override;
  absl::Status GetStatus(const v1::GetStatusRequest&, v1::GetStatusResponse*) override;

  absl::Status ListAuditEntries(const v1::ListAuditEntriesRequest&,
                                v1::ListAuditEntriesResponse*) override;
  absl::Status VerifyAudit(const v1::VerifyAuditRequest&, v1::VerifyAuditResponse*) override;
  absl::Status CanRecord() override;
  absl::Status Record(v1::AuditEntry entry) override;

  absl::Status CreateSchedule(const v1::CreateScheduleRequest&,
                              v1::CreateScheduleResponse*) override;
  absl::Status UpdateSchedule(const v1::UpdateScheduleRequest&,
                              v1::UpdateScheduleResponse*) override;
  absl::Status GetSchedule(const v1::GetScheduleRequest&, v1::GetScheduleResponse*) override;
  absl::Status ListSchedules(const v1::ListSchedulesRequest&, v1::ListSchedulesResponse*) override;
  absl::Status PauseSchedule(const v1::PauseScheduleRequest&, v1::PauseScheduleResponse*) override;
  absl::Status ResumeSchedule(const v1::ResumeScheduleRequest&,
                              v1::ResumeScheduleResponse*) override;
  absl::Status DeleteSchedule(const v1::DeleteScheduleRequest&,
                              v1::DeleteScheduleResponse*) override;
  absl::Status RunScheduleNow(const v1::RunScheduleNowRequest&,
                              v1::RunScheduleNowResponse*) override;
  absl::Status ListScheduleStarts(const v1::ListScheduleStartsRequest&,
                                  v1::ListScheduleStartsResponse*) override;

 private:
  World& world_;
  Experiments experiments_;
  RunBook run_book_;
  ArmedFaults armed_faults_;
  Safety safety_;
  Schedules schedules_;
};

}  // namespace murphy::operations
