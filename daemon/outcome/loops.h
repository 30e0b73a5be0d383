// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "daemon/outcome/history.h"

namespace murphy::outcome {

// Repeats of a successful call from which on it is a loop.
inline constexpr size_t kLoop = 4;
// Attempts of one call beyond which nobody waits for it any more: no client library's default comes
// near.
inline constexpr size_t kMostAttempts = 20;

// What was called again and again, as a sentence without its end, or nothing: a call that had
// succeeded, or one that went on failing. Polling of targets that are declared `read` or `verify`,
// and MCP's own traffic, do not count; nor do attempts that `bounded_retries` allows.
std::optional<std::string> Loop(const History& history);

// The operation was attempted more often than anybody should.
bool TriedTooOften(const History& history, uint64_t operation);

// What the agent was doing when its time was up.
enum class Doing {
  // Nothing had happened for much longer than before.
  kNothing,
  kWork,
};
Doing AtTheEnd(const History& history);
// The same of an agent that was stopped, as a sentence without its end.
std::string WhyStopped(const History& history);

}  // namespace murphy::outcome
