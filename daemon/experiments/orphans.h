// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/journal/journal.h"

namespace murphy::experiments {

// Ends every run that the journal holds as active, as INVALID: nobody can finish them any more.
// `reason` is a sentence. Returns all runs, ended now or before.
absl::StatusOr<std::vector<v1::Run>> EndOrphans(journal::Journal& journal,
                                                const std::string& reason);

}  // namespace murphy::experiments
