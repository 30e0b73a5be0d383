// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/loops.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "daemon/outcome/sentence.h"
#include "fmt/format.h"

namespace murphy::outcome {
namespace {

// A silence is one when it is that many times as long as any before it, and no moment.
constexpr double kLonger = 3;
constexpr absl::Duration kMoment = absl::Seconds(5);

bool Polled(const History& history, const v1::Exchange& exchange) {
  return exchange.kind() == v1::TARGET_KIND_MCP ||
         history.HasRole(exchange, v1::TARGET_ROLE_READ) ||
         history.HasRole(exchange, v1::TARGET_ROLE_VERIFY);
}

// Who asks for what is not there yet is answered so, and asks again.
bool NotYet(const v1::Exchange& exchange) {
  return exchange.method() == "GET" && exchange.upstream_failed() && FailedAlone(exchange) &&
         exchange.status() < 500 && exchange.status() != 429;
}

// How often the scenario allows it.
size_t MostAttempts(const History& history, const v1::Exchange& exchange) {
  size_t most = kMostAttempts;
  for (const v1::Expect& expect : history.evidence().scenario.expect()) {
    if (!expect.has_bounded_retries()) continue;
    const v1::BoundedRetriesExpect& bound = expect.bounded_retries();
    if (bound.has_target() && !BelongsTo(exchange, bound.target())) continue;
    most = std::max<size_t>(most, bound.at_most());
  }
  return most;
}

// Calls that fail, one new operation after the other with the same words: those that nobody
// recognised as attempts, because they were let go before they failed.
std::optional<std::string> Failing(const History& history) {
  std::unordered_map<std::string, size_t> failures;
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    if (exchange.kind() == v1::TARGET_KIND_MCP || NotYet(exchange)) continue;
    const std::string words = exchange.request_digest().empty()
                                  ? OperationOf(exchange)
                                  : PlaceOf(exchange) + '\n' + exchange.request_digest();
    if (!Broken(exchange)) {
      failures.erase(words);
    } else if (++failures[words] > MostAttempts(history, exchange)) {
      return fmt::format("{} was called {} times and more, and went on failing",
                         OperationOf(exchange), failures[words]);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> Loop(const History& history) {
  std::unordered_map<std::string, std::unordered_set<uint64_t>> repeats;
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    if (!exchange.repeat() || Polled(history, exchange)) continue;
    const std::string place = PlaceOf(exchange);
    std::unordered_set<uint64_t>& operations = repeats[place];
    operations.insert(exchange.operation());
    if (operations.size() >= kLoop)
      return fmt::format("{} was called again and again after it had succeeded", place);
  }
  return Failing(history);
}

bool TriedTooOften(const History& history, uint64_t operation) {
  const std::vector<size_t>& attempts = history.AttemptsOf(operation);
  return !attempts.empty() &&
         attempts.size() > MostAttempts(history, history.at(attempts.front()));
}

Doing AtTheEnd(const History& history) {
  const absl::Time end = history.evidence().at;
  if (end == absl::InfinitePast() || history.all().empty()) return Doing::kNothing;
  std::vector<absl::Time> signs;
  for (const size_t position : history.all()) {
    const v1::Exchange& exchange = history.at(position);
    signs.push_back(BeginOf(exchange));
    // What ended because the agent was stopped is no sign of life.
    if (exchange.end() != v1::END_STATE_AGENT_LEFT) signs.push_back(EndOf(exchange));
  }
  std::sort(signs.begin(), signs.end());
  absl::Duration longest;
  for (size_t i = 1; i < signs.size(); ++i) longest = std::max(longest, signs[i] - signs[i - 1]);
  const absl::Duration moment = std::min(kMoment, (end - signs.front()) / 10);
  const absl::Duration silence = end - signs.back();
  return silence > std::max(moment, longest * kLonger) ? Doing::kNothing : Doing::kWork;
}

std::string WhyStopped(const History& history) {
  if (AtTheEnd(history) == Doing::kNothing)
    return "the agent was stopped because it made no progress";
  return fmt::format("the agent was still at work when its time was up: {}, the last one {} before",
                     Counted(history.all().size(), "call"),
                     Seconds(history.evidence().at - BeginOf(history.at(history.all().back()))));
}

}  // namespace murphy::outcome
