// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/analysis/compare.h"
#include "daemon/experiments/experiments.h"
#include "murphy/v1/analysis_service.pb.h"

namespace murphy::experiments {

// What the runs of experiments say together, read off the journal.
//
// Threads: any.
class Analyses {
 public:
  Analyses(World& world, Experiments& experiments) : world_(world), experiments_(experiments) {}

  absl::Status GetStatistics(const v1::GetStatisticsRequest& request,
                             v1::GetStatisticsResponse* response);
  absl::Status Compare(const v1::CompareExperimentsRequest& request,
                       v1::CompareExperimentsResponse* response);

 private:
  // With its runs that have ended.
  absl::StatusOr<analysis::Side> Read(const std::string& id);

  World& world_;
  Experiments& experiments_;
};

}  // namespace murphy::experiments
