// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/history.h"

#include <algorithm>

#include "daemon/outcome/restarts.h"
#include "proto/time.h"

namespace murphy::outcome {
namespace {

template <typename Map, typename Name>
const typename Map::mapped_type& Lookup(const Map& map, const Name& name) {
  static const typename Map::mapped_type& nothing = *new typename Map::mapped_type();
  const auto found = map.find(name);
  return found == map.end() ? nothing : found->second;
}

uint32_t TimesBilled(const v1::Exchange& exchange) {
  return std::max(1u, exchange.upstream_requests());
}

}  // namespace

std::string OperationOf(const v1::Exchange& exchange) {
  return exchange.address().substr(0, exchange.address().rfind('@'));
}

std::string PlaceOf(const v1::Exchange& exchange) {
  const std::string operation = OperationOf(exchange);
  return operation.substr(0, operation.rfind('#'));
}

absl::Time BeginOf(const v1::Exchange& exchange) { return FromProto(exchange.begin_time()); }

absl::Time EndOf(const v1::Exchange& exchange) {
  return BeginOf(exchange) + FromProto(exchange.duration());
}

uint64_t TokensOf(const v1::Exchange& exchange) {
  return exchange.usage().input_tokens() + exchange.usage().output_tokens();
}

bool Broken(const v1::Exchange& exchange) {
  if (exchange.kind() == v1::TARGET_KIND_MCP && exchange.method() == "GET") {
    const bool refused = exchange.status() >= 400 && exchange.status() != 405;
    return refused || !exchange.failure().empty();
  }
  return exchange.failed() || exchange.end() != v1::END_STATE_COMPLETE;
}

bool FailedAlone(const v1::Exchange& exchange) {
  if (!Broken(exchange) || !exchange.altered_by().empty()) return false;
  if (!exchange.failure().empty()) return exchange.origin() != v1::ORIGIN_DOWNSTREAM;
  return exchange.origin() == v1::ORIGIN_UPSTREAM && exchange.upstream_failed();
}

uint64_t BilledTokens(const v1::Exchange& exchange) {
  return TokensOf(exchange) * TimesBilled(exchange);
}

double BilledCost(const v1::Exchange& exchange) { return exchange.cost() * TimesBilled(exchange); }

bool BelongsTo(const v1::Exchange& exchange, std::string_view target) {
  return std::find(exchange.targets().begin(), exchange.targets().end(), target) !=
         exchange.targets().end();
}

History::History(const Evidence& evidence) : evidence_(evidence) {
  for (size_t i = 0; i < evidence.exchanges.size(); ++i) {
    const v1::Exchange& exchange = evidence.exchanges[i];
    if (exchange.late()) continue;
    all_.push_back(i);
    by_sequence_.emplace(exchange.sequence(), i);
    std::vector<size_t>& attempts = attempts_[exchange.operation()];
    if (attempts.empty()) {
      operations_.push_back(exchange.operation());
      if (!exchange.fallback_of().empty()) {
        fallbacks_[exchange.fallback_of()].push_back(exchange.operation());
      }
      if (!exchange.revision_of().empty()) {
        revisions_[exchange.revision_of()].push_back(exchange.operation());
      }
    }
    attempts.push_back(i);
    if (!Broken(exchange)) served_.insert(exchange.operation());
    const auto [dearest, first] = dearest_.try_emplace(exchange.operation(), i);
    if (!first && BilledTokens(exchange) > BilledTokens(at(dearest->second))) dearest->second = i;
    places_[PlaceOf(exchange)].push_back(i);
  }
  for (const v1::Injection& injection : evidence.injections) {
    if (injection.state() == v1::INJECTION_STATE_DELIVERED) met_.insert(injection.exchange());
  }
  restarts_ = Restarts(*this);
}

std::optional<size_t> History::Find(uint64_t sequence) const {
  const auto found = by_sequence_.find(sequence);
  if (found == by_sequence_.end()) return std::nullopt;
  return found->second;
}

const std::vector<size_t>& History::AttemptsOf(uint64_t operation) const {
  return Lookup(attempts_, operation);
}

const std::vector<size_t>& History::AtPlace(const std::string& place) const {
  return Lookup(places_, place);
}

const std::vector<uint64_t>& History::FallbacksFor(const std::string& operation) const {
  return Lookup(fallbacks_, operation);
}

const std::vector<uint64_t>& History::RevisionsOf(const std::string& operation) const {
  return Lookup(revisions_, operation);
}

bool History::HasRole(const v1::Exchange& exchange, v1::TargetRole role) const {
  const auto& targets = evidence_.scenario.target();
  return std::any_of(exchange.targets().begin(), exchange.targets().end(),
                     [&](const std::string& name) {
                       const auto found = targets.find(name);
                       return found != targets.end() && found->second.role() == role;
                     });
}

std::optional<size_t> History::NextAttempt(size_t position) const {
  const std::vector<size_t>& attempts = AttemptsOf(at(position).operation());
  const auto next = std::upper_bound(attempts.begin(), attempts.end(), position);
  if (next == attempts.end()) return std::nullopt;
  return *next;
}

bool History::Succeeded(uint64_t operation) const { return served_.contains(operation); }

size_t History::DearestAttempt(uint64_t operation) const { return dearest_.at(operation); }

}  // namespace murphy::outcome
