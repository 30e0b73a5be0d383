// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "murphy/v1/audit_service.pb.h"
#include "murphy/v1/experiment_service.pb.h"
#include "murphy/v1/fault_service.pb.h"
#include "murphy/v1/journal_service.pb.h"
#include "murphy/v1/run_service.pb.h"
#include "murphy/v1/safety_service.pb.h"
#include "murphy/v1/schedule_service.pb.h"

namespace murphy::control {

// What the control API asks of the daemon. Every call may block on the journal, never on the data
// path. Mistakes of a scenario are an INVALID_ARGUMENT status whose payload
// `type.googleapis.com/google.rpc.BadRequest` lists them; the adapter passes it on.
class Operations {
 public:
  virtual ~Operations() = default;

  virtual absl::Status CreateExperiment(const v1::CreateExperimentRequest&,
                                        v1::CreateExperimentResponse*) = 0;
  virtual absl::Status GetExperiment(const v1::GetExperimentRequest&,
                                     v1::GetExperimentResponse*) = 0;
  virtual absl::Status ListExperiments(const v1::ListExperimentsRequest&,
                                       v1::ListExperimentsResponse*) = 0;
  virtual absl::Status FinishExperiment(const v1::FinishExperimentRequest&,
                                        v1::FinishExperimentResponse*) = 0;

  virtual absl::Status StartRun(const v1::StartRunRequest&, v1::StartRunResponse*) = 0;
  virtual absl::Status ReportOutcome(const v1::ReportOutcomeRequest&,
                                     v1::ReportOutcomeResponse*) = 0;
  virtual absl::Status FinishRun(const v1::FinishRunRequest&, v1::FinishRunResponse*) = 0;
  virtual absl::Status GetRun(const v1::GetRunRequest&, v1::GetRunResponse*) = 0;
  virtual absl::Status ListRuns(const v1::ListRunsRequest&, v1::ListRunsResponse*) = 0;
  // A lease stream was opened for a run; NOT_FOUND names the run.
  virtual absl::Status OpenLease(const std::string& run) = 0;
  // A heartbeat arrived.
  virtual void RenewLease(const std::string& run) = 0;
  // The stream has closed: the run is disarmed at once.
  virtual void CloseLease(const std::string& run) = 0;

  virtual absl::Status ArmFault(const v1::ArmFaultRequest&, v1::ArmFaultResponse*) = 0;
  virtual absl::Status DisarmFault(const v1::DisarmFaultRequest&, v1::DisarmFaultResponse*) = 0;
  virtual absl::Status ListFaults(const v1::ListFaultsRequest&, v1::ListFaultsResponse*) = 0;
  virtual absl::Status DescribeFaults(const v1::DescribeFaultsRequest&,
                                      v1::DescribeFaultsResponse*) = 0;

  virtual absl::Status ListExchanges(const v1::ListExchangesRequest&,
                                     v1::ListExchangesResponse*) = 0;
  virtual absl::Status ListInjections(const v1::ListInjectionsRequest&,
                                      v1::ListInjectionsResponse*) = 0;
  virtual absl::Status ReplayRun(const v1::ReplayRunRequest&, v1::ReplayRunResponse*) = 0;

  // A subscription to committed events: history (a snapshot, or what follows `revision`), `synced`,
  // then what is committed later. `push` is called in order, one call at a time, from any thread,
  // and must not block; it returns false to stop. Destroying the handle ends it: no call is running
  // or follows afterwards.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };
  virtual absl::Status Watch(const v1::WatchRequest&, std::function<bool(const v1::Event&)> push,
                             std::unique_ptr<Subscription>* subscription) = 0;

  virtual absl::Status Halt(const v1::HaltRequest&, v1::HaltResponse*) = 0;
  virtual absl::Status Resume(const v1::ResumeRequest&, v1::ResumeResponse*) = 0;
  virtual absl::Status GetStatus(const v1::GetStatusRequest&, v1::GetStatusResponse*) = 0;

  virtual absl::Status ListAuditEntries(const v1::ListAuditEntriesRequest&,
                                        v1::ListAuditEntriesResponse*) = 0;
  virtual absl::Status VerifyAudit(const v1::VerifyAuditRequest&, v1::VerifyAuditResponse*) = 0;
  // Whether a call that changes something can be put on record. UNAVAILABLE: it must not be made.
  virtual absl::Status CanRecord() = 0;
  // Puts such a call on record, with its result.
  virtual absl::Status Record(v1::AuditEntry entry) = 0;

  virtual absl::Status CreateSchedule(const v1::CreateScheduleRequest&,
                                      v1::CreateScheduleResponse*) = 0;
  virtual absl::Status UpdateSchedule(const v1::UpdateScheduleRequest&,
                                      v1::UpdateScheduleResponse*) = 0;
  virtual absl::Status GetSchedule(const v1::GetScheduleRequest&, v1::GetScheduleResponse*) = 0;
  virtual absl::Status ListSchedules(const v1::ListSchedulesRequest&,
                                     v1::ListSchedulesResponse*) = 0;
  virtual absl::Status PauseSchedule(const v1::PauseScheduleRequest&,
                                     v1::PauseScheduleResponse*) = 0;
  virtual absl::Status ResumeSchedule(const v1::ResumeScheduleRequest&,
                                      v1::ResumeScheduleResponse*) = 0;
  virtual absl::Status DeleteSchedule(const v1::DeleteScheduleRequest&,
                                      v1::DeleteScheduleResponse*) = 0;
  virtual absl::Status RunScheduleNow(const v1::RunScheduleNowRequest&,
                                      v1::RunScheduleNowResponse*) = 0;
  virtual absl::Status ListScheduleStarts(const v1::ListScheduleStartsRequest&,
                                          v1::ListScheduleStartsResponse*) = 0;
};

}  // namespace murphy::control
