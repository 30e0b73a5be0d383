// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/journal/journal.h"

namespace murphy::experiments {

// Exchanges that belong to the run itself, in order, up to so many; late ones came after its end.
absl::StatusOr<std::vector<v1::Exchange>> ExchangesOf(journal::Journal& journal,
                                                      const std::string& run, size_t most);

}  // namespace murphy::experiments
