// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/scenario/plan.h"
#include "murphy/v1/config.pb.h"

namespace murphy::experiments {

// What is wrong with the meaning of a configuration whose shape is right.
std::vector<scenario::Mistake> CheckConfig(const v1::DaemonConfig& config);

}  // namespace murphy::experiments
