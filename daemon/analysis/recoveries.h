// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/statistics/incidence.h"
#include "murphy/v1/analysis_service.pb.h"

namespace murphy::analysis {

// How injections were recovered from, and after how many further calls, over the runs of an
// experiment.
class Recoveries {
 public:
  void Add(const std::vector<v1::Exchange>& exchanges,
           const std::vector<v1::Injection>& injections);
  // All that recovered together first, then each layer that was seen.
  std::vector<v1::RecoveryIncidence> Incidences() const;

 private:
  // Outcomes are numbers of RecoveryLayer.
  std::vector<statistics::Passage> passages_;
};

}  // namespace murphy::analysis
