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
  // fallbacks, repeats, and what a restart did again.
  std::vector<size_t> followers;
  // The exchange that served the intent in the end.
  std::optional<size_t> success;
  // The call that looked whether an effect had taken place.
  std::optional<size_t> check;
  // As far as traffic tells, the call that it broke came to nothing, and nobody else was asked to
  // deal with it.
  bool never_served = false;
};

// Follows one delivered injection. Nothing is known where its exchange is not. What failed without
// Murphy is not booked on it.
Recovery Follow(const History& history, const v1::Injection& injection);

// The exchange did not fail because of this injection, which kept it waiting at most.
bool IsInnocent(const v1::Injection& injection, const v1::Exchange& exchange);

// Whether a delay that was stated at a position was waited for. Nullopt: none was, or nothing
// followed.
std::optional<bool> WaitedAsTold(const History& history, size_t position);

}  // namespace murphy::outcome
