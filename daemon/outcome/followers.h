// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "daemon/outcome/history.h"

namespace murphy::outcome {

// Positions after `position` of an operation, of what replaced it, and of what replaced that.
std::vector<size_t> Successors(const History& history, size_t position);

// The stream that went on with an MCP call which had broken off (`Last-Event-ID`), and brought
// something.
std::optional<size_t> Resumption(const History& history, size_t position);

// The first call to a declared fallback after a position, unless the agent went back to the target
// itself before.
std::optional<size_t> FallbackAfter(const History& history, size_t position);

// A call that looks whether an effect took place, after a failure and before what follows it. A
// repeat tells what a read was meant for, whatever had become of the call; without one, only a call
// that may have had an effect can be looked for.
std::optional<size_t> LookAfter(const History& history, size_t position,
                                const std::vector<size_t>& followers);

bool EscalatedAfter(const History& history, size_t position);

// Another operation at the same place went through later.
bool ServedElseAfter(const History& history, size_t position);

}  // namespace murphy::outcome
