// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "daemon/experiments/policy.h"
#include "daemon/journal/journal.h"
#include "murphy/v1/experiment_service.pb.h"

namespace murphy::experiments {

// Plays a scenario against a run that has ended, and says what cannot be known from its record.
absl::Status RehearseScenario(const Policy& policy, journal::Journal& journal,
                              const v1::RehearseScenarioRequest& request,
                              v1::RehearseScenarioResponse* response);

}  // namespace murphy::experiments
