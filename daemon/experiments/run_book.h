// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/experiments/controls.h"
#include "daemon/experiments/experiments.h"
#include "daemon/experiments/judgement.h"
#include "daemon/experiments/leases.h"
#include "daemon/experiments/moments.h"
#include "daemon/experiments/pool.h"
#include "daemon/experiments/request_ids.h"
#include "daemon/experiments/world.h"
#include "murphy/v1/run_service.pb.h"

namespace murphy::experiments {

// Runs from start to outcome, and the leases that keep them armed.
//
// Threads: any.
class RunBook {
 public:
  // `gateway`: origin under which agents reach it. `uptime`: the clock of leases.
  RunBook(World& world, Experiments& experiments, std::string gateway,
          std::function<absl::Duration()> uptime = Uptime);
  // Runs that nobody came back for and that have not been ended yet are left to EndOrphans.
  ~RunBook() { endings_.Drop(); }

  absl::Status Start(const v1::StartRunRequest& request, v1::StartRunResponse* response);
  // The agent has ended; a checker may still be at work. Once more: nothing.
  absl::Status CloseRun(const v1::CloseRunRequest& request, v1::CloseRunResponse* response);
  absl::Status Report(const v1::ReportOutcomeRequest& request, v1::ReportOutcomeResponse* response);
  absl::Status Finish(const v1::FinishRunRequest& request, v1::FinishRunResponse* response);
  // Ends the experiment and those of its runs that nobody has finished.
  absl::Status FinishExperiment(const v1::FinishExperimentRequest& request,
                                v1::FinishExperimentResponse* response);
  // Opens an experiment that was interrupted; what its runs without faults have cost is known again.
  absl::Status ResumeExperiment(const v1::ResumeExperimentRequest& request,
                                v1::ResumeExperimentResponse* response);
  absl::Status Get(const v1::GetRunRequest& request, v1::GetRunResponse* response);
  absl::Status List(const v1::ListRunsRequest& request, v1::ListRunsResponse* response);

  absl::Status OpenLease(const std::string& run);
  void RenewLease(const std::string& run);
  void CloseLease(const std::string& run);
  bool any_lease() const;

  // A run did not get every fault that it was to get. The first reason stays.
  void StoppedEarly(const std::string& run, const std::string& reason);
  // Ends leases that have run out, and has runs ended that nobody came back for. Waits for nothing.
  // To be called several times a second.
  void Tick();

 private:
  // A run whose agent has ended, and how it stood then: ending it disarms it for good.
  struct Over {
    std::shared_ptr<runs::Run> run;
    absl::Time at;
    std::string disarm_reason;
    v1::DisarmCause disarm_cause = v1::DISARM_CAUSE_UNSPECIFIED;
  };
  // What is known of a live run besides its engine.
  struct Page {
    std::string experiment;
    v1::Arm arm = v1::ARM_TREATMENT;
    // It has faults to lose.
    bool injects = false;
    std::optional<v1::Report> report;
    // Why faults stopped early.
    std::string stopped_early;
    // Once it takes no more traffic, and until it is judged.
    std::optional<Over> over;
    bool judged = false;
  };

  absl::StatusOr<runs::RouteTable> RoutesFor(const v1::StartRunRequest& request) const;
  absl::StatusOr<std::shared_ptr<const scenario::Plan>> PlanFor(const v1::StartRunRequest& request);
  // Where its plan counts over an experiment: goes on where the run before it, of the same arm,
  // ended.
  absl::Status CountOn(const v1::StartRunRequest& request, runs::RunSpec& spec) const;
  // Ends what brings traffic and faults to a run.
  absl::Status EndTraffic(const std::string& run);
  // Those that are not judged yet.
  std::vector<std::string> OpenRunsOf(const std::string& experiment) const;
  // `newest`: its runs, newest first.
  bool LeftAlone(const std::string& experiment, const std::vector<v1::Run>& newest,
                 absl::Duration since_begin) const;
  RunEnd EndOf(const v1::FinishRunRequest& request, Page page);
  // A plan with rules needs its approval and an open window.
  absl::Status MayInject(const scenario::Plan& plan, const std::string& token) const;
  std::vector<std::shared_ptr<runs::Run>> RunsWithWindows() const;
  absl::Status Recall(v1::StartRunResponse* response);
  void DisarmOutsideWindows();
  void Describe(const runs::Run& run, v1::StartRunResponse* response) const;
  void Disarm(const std::string& run, v1::DisarmCause cause, const std::string& reason);
  // Records the present state of a run.
  void Journal(const runs::Run& run);
  // Waits until what happened by itself so far is on record.
  void AwaitRecords();
  // What is known of a run that ends; it is kept until the end is in the journal (Close). Whoever
  // gets what is over judges it.
  Page EndLease(const std::string& run);
  void Close(const std::string& run);
  // Ends a run that nobody will finish.
  void Interrupt(const std::string& run);
  // The same for one whose controller is gone, and for its experiment, once it has no other run.
  void EndAbandoned(const std::string& run);
  absl::Status FinishedBefore(const std::string& run, v1::FinishRunResponse* response);

  World& world_;
  Experiments& experiments_;
  const std::string gateway_;
  const std::function<absl::Duration()> uptime_;
  // One start at a time, so that a repeated request id starts nothing.
  std::mutex start_mutex_;
  RequestIds<v1::StartRunResponse> started_{world_.journal, "start_run"};
  mutable std::mutex mutex_;
  std::map<std::string, Page> pages_;
  // Live runs whose guard has windows: the clock is looked at for them alone.
  std::set<std::string> windowed_;
  Controls controls_;
  Leases leases_;
  // What waits, for a disk or for an agent, on threads of its own: no lease ends later for it.
  // Last, so that they end first.
  Pool records_;
  Pool endings_;
};

}  // namespace murphy::experiments
