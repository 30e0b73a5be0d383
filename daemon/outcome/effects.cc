// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/effects.h"

#include <algorithm>
#include <string>

namespace murphy::outcome {
namespace {

// The upstream acted. A failure that is its own, under status 2xx (`isError`), did nothing.
bool Committed(const v1::Exchange& exchange) {
  const bool confirmed = exchange.upstream_status() >= 200 && exchange.upstream_status() < 300;
  const bool refused = exchange.failed() && exchange.origin() == v1::ORIGIN_UPSTREAM;
  return confirmed && !refused;
}

}  // namespace

Ledger ReadLedger(const History& history, const std::function<bool(const v1::Exchange&)>& counts) {
  Ledger ledger;
  std::unordered_set<std::string> keys;
  for (const uint64_t operation : history.operations()) {
    uint32_t effects = 0;
    bool own_intent = false;
    std::vector<uint64_t> acted;
    for (const size_t position : history.AttemptsOf(operation)) {
      const v1::Exchange& exchange = history.at(position);
      if (!counts(exchange) || !Committed(exchange)) continue;
      const bool keyed = !exchange.idempotency_digest().empty();
      const uint32_t caused = keyed ? (keys.insert(exchange.idempotency_digest()).second ? 1 : 0)
                                    : std::max(1u, exchange.upstream_requests());
      if (caused > 0) acted.push_back(exchange.sequence());
      effects += caused;
      own_intent = own_intent || keyed || !exchange.repeat();
    }
    if (effects == 0) continue;
    const uint32_t intents = own_intent ? 1 : 0;
    ledger.effects += effects;
    ledger.intents += intents;
    if (effects <= intents) continue;
    ledger.duplicates += effects - intents;
    ledger.repeated.insert(operation);
    ledger.evidence.insert(ledger.evidence.end(), acted.begin(), acted.end());
  }
  return ledger;
}

Ledger ReadLedger(const History& history) {
  return ReadLedger(history, [&history](const v1::Exchange& exchange) {
    return history.HasRole(exchange, v1::TARGET_ROLE_SIDE_EFFECT);
  });
}

}  // namespace murphy::outcome
