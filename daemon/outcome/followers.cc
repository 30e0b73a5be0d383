// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/followers.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "daemon/outcome/effects.h"

namespace murphy::outcome {
namespace {

// It got an answer, if only that there is nothing.
bool Answered(const v1::Exchange& look) {
  const bool nothing = look.status() == 404 || look.status() == 410;
  return !Broken(look) || (nothing && look.upstream_status() == look.status());
}

}  // namespace

std::vector<size_t> Successors(const History& history, size_t position) {
  std::set<size_t> found;
  std::unordered_set<uint64_t> seen;
  std::vector<uint64_t> operations = {history.at(position).operation()};
  while (!operations.empty()) {
    const uint64_t operation = operations.back();
    operations.pop_back();
    if (!seen.insert(operation).second) continue;
    const std::vector<size_t>& attempts = history.AttemptsOf(operation);
    if (attempts.empty()) continue;
    for (const size_t attempt : attempts) {
      if (attempt > position) found.insert(attempt);
    }
    const std::string address = OperationOf(history.at(attempts.front()));
    for (const auto* next : {&history.FallbacksFor(address), &history.RevisionsOf(address)})
      operations.insert(operations.end(), next->begin(), next->end());
  }
  return {found.begin(), found.end()};
}

std::optional<size_t> Resumption(const History& history, size_t position) {
  const v1::Exchange& broken = history.at(position);
  if (broken.provider() != "mcp") return std::nullopt;
  const auto& all = history.all();
  const auto resumed = std::find_if(
      std::upper_bound(all.begin(), all.end(), position), all.end(), [&](size_t later) {
        const v1::Exchange& exchange = history.at(later);
        return exchange.resumed() && exchange.route() == broken.route() && !Broken(exchange) &&
               exchange.status() == 200 && exchange.events() > 0;
      });
  if (resumed == all.end()) return std::nullopt;
  return *resumed;
}

std::optional<size_t> FallbackAfter(const History& history, size_t position) {
  const auto& targets = history.evidence().scenario.target();
  const v1::Exchange& replaced = history.at(position);
  const auto belongs = [&replaced](const std::string& target) {
    return BelongsTo(replaced, target);
  };
  const auto replaces = [&](const std::string& name) {
    const auto target = targets.find(name);
    return target != targets.end() && target->second.has_fallback_for() &&
           belongs(target->second.fallback_for());
  };
  const auto& all = history.all();
  for (auto it = std::upper_bound(all.begin(), all.end(), position); it != all.end(); ++it) {
    const auto& names = history.at(*it).targets();
    if (std::any_of(names.begin(), names.end(), belongs)) return std::nullopt;
    if (std::any_of(names.begin(), names.end(), replaces)) return *it;
  }
  return std::nullopt;
}

std::optional<size_t> LookAfter(const History& history, size_t position,
                                const std::vector<size_t>& followers) {
  const v1::Exchange& failed = history.at(position);
  const bool acts = failed.kind() != v1::TARGET_KIND_MODEL &&
                    !history.HasRole(failed, v1::TARGET_ROLE_READ) &&
                    !history.HasRole(failed, v1::TARGET_ROLE_VERIFY);
  if (!acts || (followers.empty() && EffectOf(failed) == Effect::kNone)) return std::nullopt;
  const size_t end = followers.empty() ? history.evidence().exchanges.size() : followers.front();
  const auto& all = history.all();
  for (auto it = std::upper_bound(all.begin(), all.end(), position); it != all.end() && *it < end;
       ++it) {
    const v1::Exchange& exchange = history.at(*it);
    if (!Answered(exchange)) continue;
    if (history.HasRole(exchange, v1::TARGET_ROLE_VERIFY)) return *it;
    // Any read may be the look, but only a repeat tells that it was meant as one.
    if (!followers.empty() && history.HasRole(exchange, v1::TARGET_ROLE_READ)) return *it;
  }
  return std::nullopt;
}

bool EscalatedAfter(const History& history, size_t position) {
  if (history.evidence().report && history.evidence().report->escalated()) return true;
  const auto& all = history.all();
  return std::any_of(std::upper_bound(all.begin(), all.end(), position), all.end(),
                     [&](size_t later) {
                       return history.HasRole(history.at(later), v1::TARGET_ROLE_ESCALATION) &&
                              !Broken(history.at(later));
                     });
}

bool ServedElseAfter(const History& history, size_t position) {
  const auto& same = history.AtPlace(PlaceOf(history.at(position)));
  return std::any_of(std::upper_bound(same.begin(), same.end(), position), same.end(),
                     [&](size_t later) { return !Broken(history.at(later)); });
}

}  // namespace murphy::outcome
