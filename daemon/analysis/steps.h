// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/statistics/proportion.h"
#include "murphy/v1/analysis_service.pb.h"

namespace murphy::analysis {

// How well the first attempts of operations do, by what is called, over the runs of an experiment.
class Steps {
 public:
  void Add(const std::vector<v1::Exchange>& exchanges);
  // Nothing where nothing was called. `good`: runs that came through.
  std::optional<v1::CompoundReliability> Compound(statistics::Count good) const;

 private:
  std::map<std::string, statistics::Count> first_attempts_;
  uint32_t runs_ = 0;
};

}  // namespace murphy::analysis
