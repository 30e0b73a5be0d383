// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "daemon/outcome/history.h"

namespace murphy::outcome {

// Whether a call has done something to the world.
enum class Effect {
  // It was not passed on, or the upstream says that it did nothing.
  kNone,
  // The upstream said so, whatever became of its answer.
  kTookPlace,
  // It was passed on, and the upstream did not say.
  kUnknown,
};

Effect EffectOf(const v1::Exchange& exchange);

// What calls did to the world, and the intents behind them. An operation is one intent; one that
// repeats another that took place, without a key of its own, is none. Requests with the same
// idempotency key have one effect together; without a key, every request has its own.
struct Ledger {
  // Those that took place.
  uint32_t effects = 0;
  // Of as many more nobody knows whether they did.
  uint32_t unknown = 0;
  uint32_t intents = 0;
  // Effects beyond the intents behind them, and those that there may be beside.
  uint32_t duplicates = 0;
  uint32_t possible = 0;
  // Operations that took part in a duplicate.
  std::unordered_set<uint64_t> repeated;
  // Exchanges whose effects are duplicates, or may be: by sequence number.
  std::vector<uint64_t> evidence;
  std::vector<uint64_t> doubtful;
  // Exchanges that say the same as far as is known, while nothing tells whether they mean the same.
  std::vector<uint64_t> hedged;
};

using Counts = std::function<bool(const v1::Exchange&)>;

// The ledger of the exchanges that `counts` selects.
Ledger ReadLedger(const History& history, const Counts& counts);

// The ledger of a target: as a checker counted its effects, where one did.
Ledger ReadLedger(const History& history, const std::string& target);

// The ledger of every target whose role is `side_effect`.
Ledger ReadLedger(const History& history);

// `2 effects for 1 intent`.
std::string Balance(const Ledger& ledger);

// What is not known, and what would settle it, as a sentence.
std::string Doubt(const Ledger& ledger);

}  // namespace murphy::outcome
