// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/operations/request_ids.h"
#include "daemon/operations/world.h"
#include "daemon/scenario/plan.h"
#include "murphy/v1/experiment_service.pb.h"

namespace murphy::operations {

// Experiments: scenarios read, checked, compiled and kept.
//
// Threads: any.
class Experiments {
 public:
  explicit Experiments(World& world) : world_(world) {}

  absl::Status Create(const v1::CreateExperimentRequest& request,
                      v1::CreateExperimentResponse* response);
  absl::Status Get(const v1::GetExperimentRequest& request, v1::GetExperimentResponse* response);
  absl::Status List(const v1::ListExperimentsRequest& request,
                    v1::ListExperimentsResponse* response);
  // `end_run` ends a run that is still active.
  absl::Status Finish(const v1::FinishExperimentRequest& request,
                      const std::function<void(const std::string& run)>& end_run,
                      v1::FinishExperimentResponse* response);

  // The plan of an experiment that has not ended, for a new run. Experiments from before a restart
  // are compiled again.
  absl::StatusOr<std::shared_ptr<const scenario::Plan>> PlanFor(const std::string& id);

 private:
  absl::StatusOr<v1::Experiment> Find(const std::string& id);

  World& world_;
  std::mutex mutex_;
  RequestIds<v1::CreateExperimentResponse> created_;
  std::map<std::string, std::shared_ptr<const scenario::Plan>> plans_;
};

}  // namespace murphy::operations
