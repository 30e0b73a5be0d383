// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "murphy/v1/analysis_service.pb.h"
#include "murphy/v1/experiment_service.pb.h"

namespace murphy::analysis {

// An experiment and all of its runs.
struct Side {
  v1::Experiment experiment;
  std::vector<v1::Run> runs;
};

// What has changed from one to the other in the treatment runs. Figures that the runs support are
// marked; those for which there is no run on a side are left out.
v1::CompareExperimentsResponse Compare(const Side& before, const Side& after);

}  // namespace murphy::analysis
