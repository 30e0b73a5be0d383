// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/troubles.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "daemon/outcome/followers.h"
#include "daemon/outcome/recovery.h"
#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {
namespace {

// Of the exchanges of one trouble.
constexpr int kMostNamed = 8;

// The agent left while the upstream still kept it waiting.
bool WasSilent(const v1::Exchange& exchange) {
  return exchange.end() == v1::END_STATE_AGENT_LEFT && exchange.origin() == v1::ORIGIN_UPSTREAM &&
         exchange.upstream_status() == 0 && exchange.upstream_requests() > 0;
}

std::string WhatOf(const v1::Exchange& exchange) {
  const std::string& route = exchange.route();
  if (WasSilent(exchange)) return fmt::format("{} did not answer while the agent waited", route);
  switch (exchange.failure_cause()) {
    case v1::FAILURE_CAUSE_UNRESOLVED:
      return fmt::format("{} could not be resolved", route);
    case v1::FAILURE_CAUSE_UNREACHABLE:
      return fmt::format("{} did not accept a connection", route);
    case v1::FAILURE_CAUSE_TLS:
      return fmt::format("{} failed the TLS handshake", route);
    case v1::FAILURE_CAUSE_BROKEN:
      return fmt::format("{} did not answer as it should", route);
    default:  // of protobuf's enumeration: it answered, and the answer says that it failed
      break;
  }
  if (exchange.upstream_status() >= 400)
    return fmt::format("{} answered {}", route, exchange.upstream_status());
  return fmt::format("{} answered with an error", route);
}

// Whoever is told that something is not there, or not as it should be said, was answered.
bool Answered(const v1::Exchange& exchange) {
  const uint32_t status = exchange.upstream_status();
  const bool refused = status == 401 || status == 402 || status == 403 || status == 429;
  return exchange.failure().empty() && status < 500 && !refused;
}

using Sequences = std::unordered_set<uint64_t>;

// Exchanges that an injection may have spoilt.
Sequences Ours(const History& history) {
  Sequences ours;
  for (const v1::Injection& injection : history.evidence().injections) {
    const std::optional<size_t> position = history.Find(injection.exchange());
    const bool delivered = injection.state() == v1::INJECTION_STATE_DELIVERED;
    if (delivered && position && !IsInnocent(injection, history.at(*position)))
      ours.insert(injection.exchange());
  }
  return ours;
}

// It was dealt with: by another call, or by a look that found it done.
bool Served(const History& history, size_t position) {
  const std::vector<size_t> later = Successors(history, position);
  return LookAfter(history, position, later).has_value() ||
         std::any_of(later.begin(), later.end(),
                     [&](size_t next) { return !Broken(history.at(next)); });
}

}  // namespace

std::vector<v1::Trouble> Troubles(const History& history, bool agent_ended_badly) {
  std::vector<v1::Trouble> troubles;
  const std::unordered_set<uint64_t> ours = agent_ended_badly ? Ours(history) : Sequences();
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    const bool silent =
        agent_ended_badly && WasSilent(exchange) && !ours.contains(exchange.sequence());
    if (!silent && (!FailedAlone(exchange) || Answered(exchange))) continue;
    if (history.Succeeded(exchange.operation()) || Served(history, position)) continue;
    const std::string what = WhatOf(exchange);
    auto known = std::find_if(troubles.begin(), troubles.end(),
                              [&](const v1::Trouble& trouble) { return trouble.what() == what; });
    if (known == troubles.end()) {
      known = troubles.emplace(troubles.end());
      known->set_what(what);
    }
    known->set_calls(known->calls() + 1);
    if (known->exchanges_size() < kMostNamed) known->add_exchanges(exchange.sequence());
  }
  return troubles;
}

std::string Told(const std::vector<v1::Trouble>& troubles) {
  uint64_t calls = 0;
  std::vector<std::string> what;
  for (const v1::Trouble& trouble : troubles) {
    calls += trouble.calls();
    what.push_back(troubles.size() == 1
                       ? trouble.what()
                       : fmt::format("{} ({})", trouble.what(), trouble.calls()));
  }
  return fmt::format("{} failed without Murphy: {}", Counted(calls, "call"), fmt::join(what, ", "));
}

bool MayExplain(const History& history, const std::vector<v1::Trouble>& troubles) {
  if (troubles.empty()) return false;
  uint64_t first = troubles.front().exchanges(0);
  for (const v1::Trouble& trouble : troubles) first = std::min(first, trouble.exchanges(0));
  const auto& injections = history.evidence().injections;
  return std::none_of(injections.begin(), injections.end(), [&](const v1::Injection& injection) {
    return injection.state() == v1::INJECTION_STATE_DELIVERED && injection.exchange() < first &&
           Follow(history, injection).never_served;
  });
}

}  // namespace murphy::outcome
