// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/experiments/request_ids.h"
#include "daemon/experiments/world.h"
#include "daemon/scenario/plan.h"
#include "murphy/v1/experiment_service.pb.h"

namespace murphy::experiments {

// Experiments: scenarios read, checked, compiled and kept.
//
// Threads: any.
class Experiments {
 public:
  explicit Experiments(World& world) : world_(world) {}

  absl::Status Create(const v1::CreateExperimentRequest& request,
                      v1::CreateExperimentResponse* response);
  // Says how a file wants to be run; nothing is created.
  absl::Status Read(const v1::ReadScenarioRequest& request, v1::ReadScenarioResponse* response);
  // Plays a scenario against a recorded run.
  absl::Status Rehearse(const v1::RehearseScenarioRequest& request,
                        v1::RehearseScenarioResponse* response);
  absl::Status Get(const v1::GetExperimentRequest& request, v1::GetExperimentResponse* response);
  absl::Status List(const v1::ListExperimentsRequest& request,
                    v1::ListExperimentsResponse* response);
  // What a scenario can expect.
  absl::Status Describe(const v1::DescribeExpectationsRequest& request,
                        v1::DescribeExpectationsResponse* response);
  // From now on it takes no further runs. False: it did not before.
  absl::StatusOr<bool> Close(const std::string& id);
  // Closes it and says what its runs, which have all ended, come to.
  absl::Status Conclude(const std::string& id, v1::FinishExperimentResponse* response);

  // Ends one whose runs are not through, for a reason that goes on after "because", and puts that
  // on record. One that has ended stays as it is.
  void Interrupt(const std::string& id, const std::string& reason);
  // Opens one that was interrupted, for further runs.
  absl::Status Resume(const v1::ResumeExperimentRequest& request,
                      v1::ResumeExperimentResponse* response);
  // After a restart: the same for all that have not ended.
  absl::Status Restore();

  // The plan of an experiment that has not ended, for a new run. One that was let go, because there
  // were many since, is compiled again.
  absl::StatusOr<std::shared_ptr<const scenario::Plan>> PlanFor(const std::string& id);
  // NOT_FOUND for an unknown one.
  absl::StatusOr<v1::Experiment> Find(const std::string& id);
  // In the order in which they began.
  absl::StatusOr<std::vector<v1::Run>> RunsOf(const std::string& id);

 private:
  World& world_;
  std::mutex mutex_;
  RequestIds<v1::CreateExperimentResponse> created_{world_.journal, "create_experiment"};
  RequestIds<v1::ResumeExperimentResponse> resumed_{world_.journal, "resume_experiment"};
  std::map<std::string, std::shared_ptr<const scenario::Plan>> plans_;
};

}  // namespace murphy::experiments
