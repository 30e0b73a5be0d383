// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/results.h"

#include <utility>

#include "fmt/format.h"

namespace murphy::outcome {

v1::ExpectResult Held(std::string evidence) {
  v1::ExpectResult result;
  result.set_held(true);
  result.set_evidence(std::move(evidence));
  return result;
}

v1::ExpectResult Violated(std::string evidence) {
  v1::ExpectResult result;
  result.set_evidence(std::move(evidence));
  return result;
}

v1::ExpectResult Idle(std::string evidence) {
  v1::ExpectResult result = Held(std::move(evidence));
  result.set_vacuous(true);
  return result;
}

v1::ExpectResult Unjudged(std::string evidence, std::string would_settle) {
  v1::ExpectResult result = Violated(std::move(evidence));
  result.set_vacuous(true);
  result.set_would_settle(std::move(would_settle));
  return result;
}

v1::ExpectResult Shown(v1::ExpectResult result, const std::vector<uint64_t>& exchanges) {
  constexpr int kMostShown = 8;
  for (const uint64_t sequence : exchanges) {
    if (result.exchanges_size() == kMostShown) break;
    result.add_exchanges(sequence);
  }
  return result;
}

bool IsViolated(const v1::ExpectResult& result) { return !result.held() && !result.vacuous(); }

bool IsUnjudged(const v1::ExpectResult& result) { return !result.held() && result.vacuous(); }

std::string Told(const v1::ExpectResult& result) {
  std::string text = fmt::format("{}: {}", result.expect(), result.evidence());
  if (!result.would_settle().empty())
    text += fmt::format("; {} would settle it", result.would_settle());
  return text;
}

}  // namespace murphy::outcome
