// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/config/reader.h"
#include "daemon/scenario/plan.h"

namespace murphy::experiments {

// INVALID_ARGUMENT with every mistake, `FILE:LINE:COLUMN` as its field.
absl::Status MistakesIn(const std::string& what, const std::vector<config::Mistake>& mistakes);
// Mistakes of meaning, at the places where their fields were written.
// Mistakes of shape and of meaning together: what could not be read does not hide the rest.
absl::Status MistakesIn(const std::string& what, const std::vector<config::Mistake>& misread,
                        const std::vector<scenario::Mistake>& mistakes,
                        const config::Origins& origins);
absl::Status MistakesIn(const std::string& what, const std::vector<scenario::Mistake>& mistakes,
                        const config::Origins& origins);

}  // namespace murphy::experiments
