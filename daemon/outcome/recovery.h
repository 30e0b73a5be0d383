// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/outcome/history.h"

namespace murphy::outcome {

// How the run dealt with one injection.
struct Recovery {
  v1::RecoveryLayer layer = v1::RECOVERY_LAYER_UNSPECIFIED;
  // What followed for the same intent, up to the success or the surrender, in order: retries,
  // fallbacks, repeats.
  std::vector<size_t> followers;
  // The exchange that served the intent in the end.
  std::optional<size_t> success;
  // The call that looked whether an effect had taken place.
  std::optional<size_t> check;
};

// Follows one delivered injection. Nothing is known where its exchange is not.
Recovery Follow(const History& history, const v1::Injection& injection);

// The exchange that carried a canary of the run into a tool call or request, if any; after
// `position`.
std::optional<size_t> ExecutedCanary(const History& history, size_t position = 0);

// The place (agent, target, shape) at which the same successful call was repeated again and again,
// or nothing. Polling of targets that are declared `read` or `verify`, and MCP's own traffic, do
// not count.
std::optional<std::string> Loop(const History& history);

// Whether a delay that was stated at a position was waited for. Nullopt: none was, or nothing
// followed.
std::optional<bool> WaitedAsTold(const History& history, size_t position);

}  // namespace murphy::outcome
