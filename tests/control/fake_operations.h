// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "daemon/control/operations.h"
#include "daemon/control/status.h"

namespace murphy::control {

// Operations that remember what was asked of them and answer what they were told to.
class FakeOperations final : public Operations {
 public:
  absl::Status CreateExperiment(const v1::CreateExperimentRequest&,
                                v1::CreateExperimentResponse*) override {
    return answer;
  }
  absl::Status GetExperiment(const v1::GetExperimentRequest& request,
                             v1::GetExperimentResponse* response) override {
    response->mutable_experiment()->set_id(request.id());
    return answer;
  }
  absl::Status ListExperiments(const v1::ListExperimentsRequest&,
                               v1::ListExperimentsResponse*) override {
    return answer;
  }
  absl::Status FinishExperiment(const v1::FinishExperimentRequest&,
                                v1::FinishExperimentResponse*) override {
    return answer;
  }
  absl::Status StartRun(const v1::StartRunRequest&, v1::StartRunResponse*) override {
    return answer;
  }
  absl::Status ReportOutcome(const v1::ReportOutcomeRequest&, v1::ReportOutcomeResponse*) override {
    return answer;
  }
  absl::Status FinishRun(const v1::FinishRunRequest&, v1::FinishRunResponse*) override {
    return answer;
  }
  absl::Status GetRun(const v1::GetRunRequest&, v1::GetRunResponse*) override { return answer; }
  absl::Status ListRuns(const v1::ListRunsRequest&, v1::ListRunsResponse*) override {
    return answer;
  }

  absl::Status OpenLease(const std::string& run) override {
    if (run == "missing") return absl::NotFoundError("There is no run missing.");
    Note("open " + run);
    return absl::OkStatus();
  }
  void RenewLease(const std::string& run) override { Note("renew " + run); }
  void CloseLease(const std::string& run) override { Note("close " + run); }

  absl::Status ArmFault(const v1::ArmFaultRequest&, v1::ArmFaultResponse*) override {
    return answer;
  }
  absl::Status DisarmFault(const v1::DisarmFaultRequest&, v1::DisarmFaultResponse*) override {
    return answer;
  }
  absl::Status ListFaults(const v1::ListFaultsRequest&, v1::ListFaultsResponse*) override {
    return answer;
  }
  absl::Status DescribeFaults(const v1::DescribeFaultsRequest&,
                              v1::DescribeFaultsResponse*) override {
    return answer;
  }
  absl::Status ListExchanges(const v1::ListExchangesRequest&, v1::ListExchangesResponse*) override {
    return answer;
  }
  absl::Status ListInjections(const v1::ListInjectionsRequest&,
                              v1::ListInjectionsResponse*) override {
    return answer;
  }
  absl::Status ReplayRun(const v1::ReplayRunRequest&, v1::ReplayRunResponse*) override {
    return answer;
  }

  // A watcher gets `history` first; then the test pushes.
  absl::Status Watch(const v1::WatchRequest& request, std::function<bool(const v1::Event&)> push,
                     std::unique_ptr<Subscription>* subscription) override {
    if (!answer.ok()) return answer;
    for (uint64_t i = request.revision() + 1; i <= history; ++i) {
      if (!push(NumberedEvent(i))) break;
    }
    class Leaving final : public Subscription {
     public:
      explicit Leaving(FakeOperations& operations) : operations_(operations) {}
      ~Leaving() override { operations_.Note("unsubscribed"); }

     private:
      FakeOperations& operations_;
    };
    *subscription = std::make_unique<Leaving>(*this);
    {
      const std::lock_guard lock(mutex_);
      push_ = std::move(push);
    }
    Note("subscribed");
    return absl::OkStatus();
  }
  bool Push(const v1::Event& event) {
    std::function<bool(const v1::Event&)> push;
    {
      const std::lock_guard lock(mutex_);
      push = push_;
    }
    return push(event);
  }
  static v1::Event NumberedEvent(uint64_t revision) {
    v1::Event event;
    event.set_revision(revision);
    event.mutable_exchange()->set_sequence(revision);
    return event;
  }

  absl::Status Halt(const v1::HaltRequest&, v1::HaltResponse*) override { return answer; }
  absl::Status Resume(const v1::ResumeRequest&, v1::ResumeResponse*) override { return answer; }
  absl::Status ListAuditEntries(const v1::ListAuditEntriesRequest&,
                                v1::ListAuditEntriesResponse*) override {
    return answer;
  }
  absl::Status VerifyAudit(const v1::VerifyAuditRequest&, v1::VerifyAuditResponse*) override {
    return answer;
  }
  absl::Status CanRecord() override { return can_record; }
  absl::Status Record(v1::AuditEntry entry) override {
    const std::lock_guard lock(mutex_);
    recorded.push_back(std::move(entry));
    return absl::OkStatus();
  }
  absl::Status GetStatus(const v1::GetStatusRequest&, v1::GetStatusResponse* response) override {
    response->set_version("fake");
    return answer;
  }

  absl::Status CreateSchedule(const v1::CreateScheduleRequest&,
                              v1::CreateScheduleResponse*) override {
    return answer;
  }
  absl::Status UpdateSchedule(const v1::UpdateScheduleRequest&,
                              v1::UpdateScheduleResponse*) override {
    return answer;
  }
  absl::Status GetSchedule(const v1::GetScheduleRequest&, v1::GetScheduleResponse*) override {
    return answer;
  }
  absl::Status ListSchedules(const v1::ListSchedulesRequest&, v1::ListSchedulesResponse*) override {
    return answer;
  }
  absl::Status PauseSchedule(const v1::PauseScheduleRequest&, v1::PauseScheduleResponse*) override {
    return answer;
  }
  absl::Status ResumeSchedule(const v1::ResumeScheduleRequest&,
                              v1::ResumeScheduleResponse*) override {
    return answer;
  }
  absl::Status DeleteSchedule(const v1::DeleteScheduleRequest&,
                              v1::DeleteScheduleResponse*) override {
    return answer;
  }
  absl::Status RunScheduleNow(const v1::RunScheduleNowRequest&,
                              v1::RunScheduleNowResponse*) override {
    return answer;
  }
  absl::Status ListScheduleStarts(const v1::ListScheduleStartsRequest&,
                                  v1::ListScheduleStartsResponse*) override {
    return answer;
  }

  // Waits until something was noted.
  void Await(const std::string& note) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock,
                  [&] { return std::find(notes_.begin(), notes_.end(), note) != notes_.end(); });
  }
  std::vector<std::string> notes() {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

  // Set before the first call.
  absl::Status can_record;
  std::vector<v1::AuditEntry> recorded;
  absl::Status answer;
  uint64_t history = 0;

 private:
  void Note(std::string note) {
    {
      const std::lock_guard lock(mutex_);
      notes_.push_back(std::move(note));
    }
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> notes_;
  std::function<bool(const v1::Event&)> push_;
};

}  // namespace murphy::control
