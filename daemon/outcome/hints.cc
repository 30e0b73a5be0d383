// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/hints.h"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_set>

#include "daemon/outcome/effects.h"
#include "daemon/outcome/restarts.h"
#include "fmt/format.h"

namespace murphy::outcome {
namespace {

constexpr size_t kMostHints = 5;

// A call that may change something, and of which the scenario does not say whether it does.
bool MayAct(const History& history, const v1::Exchange& exchange) {
  if (exchange.kind() == v1::TARGET_KIND_MODEL || exchange.kind() == v1::TARGET_KIND_MCP)
    return false;
  const std::string& method = exchange.method();
  if (method == "GET" || method == "HEAD" || method == "OPTIONS") return false;
  for (const auto role : {v1::TARGET_ROLE_SIDE_EFFECT, v1::TARGET_ROLE_READ,
                          v1::TARGET_ROLE_VERIFY, v1::TARGET_ROLE_ESCALATION}) {
    if (history.HasRole(exchange, role)) return false;
  }
  return true;
}

// Calls that say the same; those of one operation where that is not known.
std::string WordsOf(const v1::Exchange& exchange) {
  const std::string words = exchange.request_digest().empty()
                                ? fmt::format("#{}", exchange.operation())
                                : exchange.request_digest();
  return fmt::format("{}\n{}\n{}", PlaceOf(exchange), words, exchange.idempotency_digest());
}

std::string NameOf(const v1::Exchange& exchange) {
  if (exchange.provider() == "mcp") return exchange.name();
  return fmt::format("{} {}", exchange.method(), exchange.path());
}

}  // namespace

std::vector<v1::Hint> Hints(const History& history) {
  std::unordered_set<uint64_t> touched = Restarted(history);
  for (const v1::Injection& injection : history.evidence().injections) {
    if (injection.state() == v1::INJECTION_STATE_DELIVERED) touched.insert(injection.exchange());
  }
  std::map<std::string, std::vector<size_t>> ran;
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    if (!MayAct(history, exchange) || EffectOf(exchange) != Effect::kTookPlace) continue;
    const uint32_t times =
        exchange.idempotency_digest().empty() ? std::max(1u, exchange.upstream_requests()) : 1;
    ran[WordsOf(exchange)].insert(ran[WordsOf(exchange)].end(), times, position);
  }
  std::vector<v1::Hint> hints;
  for (const auto& [words, positions] : ran) {
    const bool ours = std::any_of(positions.begin(), positions.end(), [&](size_t position) {
      return touched.contains(history.at(position).sequence());
    });
    if (positions.size() < 2 || !ours || hints.size() >= kMostHints) continue;
    const std::string times =
        positions.size() == 2 ? "twice" : fmt::format("{} times", positions.size());
    v1::Hint& hint = hints.emplace_back();
    hint.set_text(fmt::format("{} ran {} with the same arguments: is it a side effect?",
                              NameOf(history.at(positions.front())), times));
    for (const size_t position : positions) {
      const uint64_t sequence = history.at(position).sequence();
      if (hint.exchanges().empty() || *hint.exchanges().rbegin() != sequence)
        hint.add_exchanges(sequence);
    }
  }
  return hints;
}

}  // namespace murphy::outcome
