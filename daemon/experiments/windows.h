// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/scenario/plan.h"
#include "murphy/v1/guard.pb.h"

namespace murphy::experiments {

// Finds what is wrong with the windows of a guard; `path` leads to the guard.
void CheckWindows(const std::string& path, const v1::Guard& guard,
                  std::vector<scenario::Mistake>& mistakes);

// Whether faults may be armed at this time: some window is open, or there is none.
bool WindowOpen(const v1::Guard& guard, absl::Time now);

// FAILED_PRECONDITION while no window is open, with when one opens. `whose`: of what the windows
// are.
absl::Status RequireWindow(const v1::Guard& guard, const std::string& whose, absl::Time now);

}  // namespace murphy::experiments
