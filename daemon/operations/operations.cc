// SPDX-License-Identifier: Apache-2.0
#include "daemon/operations/operations.h"

#include <utility>

#include "daemon/operations/records.h"
#include "daemon/operations/replays.h"
#include "daemon/operations/watch.h"

namespace murphy::operations {

DaemonOperations::DaemonOperations(World& world, Identity identity,
                                   std::function<absl::Time()> clock)
    : world_(world),
      experiments_(world),
      run_book_(world, experiments_, identity.gateway),
      armed_faults_(world),
      safety_(world, run_book_, std::move(identity)),
      schedules_(world, experiments_, std::move(clock)) {}

void DaemonOperations::Tick() {
  run_book_.Tick();
  armed_faults_.Tick();
}

absl::Status DaemonOperations::CreateExperiment(const v1::CreateExperimentRequest& request,
                                                v1::CreateExperimentResponse* response) {
  return experiments_.Create(request, response);
}

absl::Status DaemonOperations::GetExperiment(const v1::GetExperimentRequest& request,
                                             v1::GetExperimentResponse* response) {
  return experiments_.Get(request, response);
}

absl::Status DaemonOperations::ListExperiments(const v1::ListExperimentsRequest& request,
                                               v1::ListExperimentsResponse* response) {
  return experiments_.List(request, response);
}

absl::Status DaemonOperations::FinishExperiment(const v1::FinishExperimentRequest& request,
                                                v1::FinishExperimentResponse* response) {
  const auto end_run = [this](const std::string& run) {
    v1::FinishRunRequest unfinished;
    unfinished.set_run(run);
    unfinished.set_interrupted(true);
    v1::FinishRunResponse ignored;
    // Somebody else may be finishing it.
    run_book_.Finish(unfinished, &ignored).IgnoreError();
  };
  return experiments_.Finish(request, end_run, response);
}

absl::Status DaemonOperations::StartRun(const v1::StartRunRequest& request,
                                        v1::StartRunResponse* response) {
  return run_book_.Start(request, response);
}

absl::Status DaemonOperations::ReportOutcome(const v1::ReportOutcomeRequest& request,
                                             v1::ReportOutcomeResponse* response) {
  return run_book_.Report(request, response);
}

absl::Status DaemonOperations::FinishRun(const v1::FinishRunRequest& request,
                                         v1::FinishRunResponse* response) {
  return run_book_.Finish(request, response);
}

absl::Status DaemonOperations::GetRun(const v1::GetRunRequest& request,
                                      v1::GetRunResponse* response) {
  return run_book_.Get(request, response);
}

absl::Status DaemonOperations::ListRuns(const v1::ListRunsRequest& request,
                                        v1::ListRunsResponse* response) {
  return run_book_.List(request, response);
}

absl::Status DaemonOperations::OpenLease(const std::string& run) {
  return run_book_.OpenLease(run);
}
void DaemonOperations::RenewLease(const std::string& run) { run_book_.RenewLease(run); }
void DaemonOperations::CloseLease(const std::string& run) { run_book_.CloseLease(run); }

absl::Status DaemonOperations::ArmFault(const v1::ArmFaultRequest& request,
                                        v1::ArmFaultResponse* response) {
  return armed_faults_.Arm(request, response);
}

absl::Status DaemonOperations::DisarmFault(const v1::DisarmFaultRequest& request,
                                           v1::DisarmFaultResponse* response) {
  return armed_faults_.Disarm(request, response);
}

absl::Status DaemonOperations::ListFaults(const v1::ListFaultsRequest& request,
                                          v1::ListFaultsResponse* response) {
  return armed_faults_.List(request, response);
}

absl::Status DaemonOperations::DescribeFaults(const v1::DescribeFaultsRequest& request,
                                              v1::DescribeFaultsResponse* response) {
  return armed_faults_.Describe(request, response);
}

absl::Status DaemonOperations::ListExchanges(const v1::ListExchangesRequest& request,
                                             v1::ListExchangesResponse* response) {
  return operations::ListExchanges(world_.journal, request, response);
}

absl::Status DaemonOperations::ListInjections(const v1::ListInjectionsRequest& request,
                                              v1::ListInjectionsResponse* response) {
  return operations::ListInjections(world_.journal, request, response);
}

absl::Status DaemonOperations::ReplayRun(const v1::ReplayRunRequest& request,
                                         v1::ReplayRunResponse* response) {
  return operations::ReplayRun(world_.journal, request, response);
}

absl::Status DaemonOperations::Watch(const v1::WatchRequest& request,
                                     std::function<bool(const v1::Event&)> push,
                                     std::unique_ptr<Subscription>* subscription) {
  return WatchJournal(world_.journal, request, std::move(push), subscription);
}

absl::Status DaemonOperations::Halt(const v1::HaltRequest& request, v1::HaltResponse* response) {
  return safety_.Halt(request, response);
}

absl::Status DaemonOperations::Resume(const v1::ResumeRequest& request,
                                      v1::ResumeResponse* response) {
  return safety_.Resume(request, response);
}

absl::Status DaemonOperations::GetStatus(const v1::GetStatusRequest& request,
                                         v1::GetStatusResponse* response) {
  *response->mutable_schedules() = schedules_.Overview();
  return safety_.GetStatus(request, response);
}

}  // namespace murphy::operations
