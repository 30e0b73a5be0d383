// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "murphy/v1/experiment_service.pb.h"

namespace murphy::cli {

// What a scenario would have done in a recorded run: rule by rule where it would have fired, why not
// elsewhere, and what nobody can know.
std::string WriteRehearsal(const v1::RehearseScenarioResponse& response, bool color);

}  // namespace murphy::cli
