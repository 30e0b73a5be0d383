// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/analysis/recoveries.h"
#include "daemon/analysis/steps.h"
#include "murphy/v1/analysis_service.pb.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::analysis {

// The runs of an experiment, one after the other: what is kept of each is small.
class Tally {
 public:
  void Add(v1::Run run, const std::vector<v1::Exchange>& exchanges,
           const std::vector<v1::Injection>& injections);

  v1::Statistics Figures(const v1::Scenario& scenario) const;

 private:
  std::vector<v1::Run> runs_;
  Steps steps_;
  Recoveries recoveries_;
};

}  // namespace murphy::analysis
