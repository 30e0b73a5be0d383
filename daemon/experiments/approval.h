// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "daemon/experiments/world.h"

namespace murphy::experiments {

// Whether something that needs an approver's token (guard.require_approval) may begin.
// PERMISSION_DENIED says what is missing; tokens are compared by their hashes.
absl::Status RequireApproval(const Policy& policy, const v1::Guard& guard,
                             const std::string& token);

}  // namespace murphy::experiments
