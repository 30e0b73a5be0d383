// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <unordered_set>
#include <vector>

#include "daemon/outcome/history.h"

namespace murphy::outcome {

// What calls did to the world: effects that the upstream confirmed (status 2xx), and intents behind
// them. An operation is one intent. Requests with the same idempotency key have one effect
// together; without a key, every confirmed request has one. An operation that repeats a successful
// one without a key of its own is no new intent.
struct Ledger {
  uint32_t effects = 0;
  uint32_t intents = 0;
  uint32_t duplicates = 0;
  // Operations with more effects than intents.
  std::unordered_set<uint64_t> repeated;
  // Sequence numbers of the exchanges of those operations that had effects.
  std::vector<uint64_t> evidence;
};

// The ledger of the exchanges that `counts` selects.
Ledger ReadLedger(const History& history, const std::function<bool(const v1::Exchange&)>& counts);

// The ledger of every target whose role is `side_effect`.
Ledger ReadLedger(const History& history);

}  // namespace murphy::outcome
