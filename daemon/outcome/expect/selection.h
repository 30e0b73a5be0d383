// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daemon/outcome/history.h"
#include "fmt/format.h"

namespace murphy::outcome {

// What expectations of any kind say of their target, which may be absent.

// Exchanges of the target; when the expectation names none, all but MCP's own traffic.
template <typename Expectation>
bool Selects(const Expectation& expect, const v1::Exchange& exchange) {
  return expect.has_target() ? BelongsTo(exchange, expect.target())
                             : exchange.kind() != v1::TARGET_KIND_MCP;
}

// The same of operations, by their first attempts.
template <typename Expectation>
std::vector<uint64_t> Selected(const History& history, const Expectation& expect) {
  std::vector<uint64_t> selected;
  for (const uint64_t operation : history.operations()) {
    if (Selects(expect, history.at(history.AttemptsOf(operation).front())))
      selected.push_back(operation);
  }
  return selected;
}

// ` of `primary``, or nothing.
template <typename Expectation>
std::string Whose(const Expectation& expect) {
  return expect.has_target() ? fmt::format(" of `{}`", expect.target()) : "";
}

// The upstream itself said no, and is well: whoever is told that something is not there, or not as
// it should be said, was answered.
inline bool Answered(const v1::Exchange& exchange) {
  const uint32_t status = exchange.status();
  const bool refused = status == 401 || status == 402 || status == 403 || status == 429;
  return FailedAlone(exchange) && exchange.failure().empty() && status < 500 && !refused;
}

// It could not be read, and what it says may make it one of the target: which has other keys than
// those of a request's head.
inline bool MayBelong(const History& history, const v1::Exchange& exchange,
                      const std::string& target) {
  const auto& targets = history.evidence().scenario.target();
  const auto found = targets.find(target);
  if (!exchange.unclassified() || found == targets.end()) return exchange.unclassified();
  const v1::Target& spec = found->second;
  return spec.has_kind() || spec.name_size() > 0 || spec.model_size() > 0 ||
         (spec.path().empty() && spec.route().empty() && spec.method().empty());
}

}  // namespace murphy::outcome
