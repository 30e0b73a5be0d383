// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/outcome/arms.h"
#include "murphy/v1/analysis_service.pb.h"

namespace murphy::analysis {

// What faults do to runs: pairs of treatment and shadow of the same index. Sets nothing where there
// are none.
void SetEffects(const outcome::Arms& arms, v1::Statistics& statistics);

}  // namespace murphy::analysis
