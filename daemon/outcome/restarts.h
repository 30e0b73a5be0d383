// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include "daemon/outcome/history.h"

namespace murphy::outcome {

// Where agents began their task again after something had gone wrong: with the words of their first
// request, which had been served. Positions, in order; History has them.
std::vector<size_t> Restarts(const History& history);

// Sequence numbers of the exchanges that say, after a restart, what its agent had said before it.
std::unordered_set<uint64_t> Restarted(const History& history);

// The restart by the agent of the exchange at `position`, after it and before `end`; if any.
std::optional<size_t> RestartBetween(const History& history, size_t position, size_t end);

}  // namespace murphy::outcome
