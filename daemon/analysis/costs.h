// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/outcome/arms.h"
#include "murphy/v1/analysis_service.pb.h"

namespace murphy::analysis {

v1::CostFigures Costs(const outcome::Arms& arms);

}  // namespace murphy::analysis
