// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/experiments/world.h"

namespace murphy::experiments {

// FAILED_PRECONDITION when nothing may be injected here: a scenario for another environment, or
// production without an opt-in. In production a scenario must name it as well; a one-off fault has
// no place to do so.
absl::Status CheckEnvironment(const Policy& policy, const v1::Guard& guard, bool one_off);

// Inline and one-off faults have no `[guard]` to ask for side effects in: the configuration's word
// is theirs.
void AllowWhatCannotAsk(const v1::Guard& ceilings, v1::Guard& guard);

// Lowers a guard to the ceilings; returns a sentence for each value of the scenario's own that does
// not hold. FAILED_PRECONDITION where lowering would change what the scenario means.
absl::Status Tighten(const v1::Guard& ceilings, v1::Guard& guard, std::vector<std::string>& notes);

}  // namespace murphy::experiments
