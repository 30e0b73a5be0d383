// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/time/time.h"
#include "daemon/outcome/classify.h"

namespace murphy::outcome {

// `a/t/s#1~1@2` without its attempt, and without its ordinal: agent, target and shape.
std::string OperationOf(const v1::Exchange& exchange);
std::string PlaceOf(const v1::Exchange& exchange);

absl::Time BeginOf(const v1::Exchange& exchange);
absl::Time EndOf(const v1::Exchange& exchange);
uint64_t TokensOf(const v1::Exchange& exchange);

// The agent got no usable answer. A stream of MCP's that was opened to listen owes none.
bool Broken(const v1::Exchange& exchange);

// Nothing of Murphy's made it fail: what is wrong is the upstream's, or the way to it.
bool FailedAlone(const v1::Exchange& exchange);

// What it cost: an answer is billed as often as it was asked for.
uint64_t BilledTokens(const v1::Exchange& exchange);
double BilledCost(const v1::Exchange& exchange);

bool BelongsTo(const v1::Exchange& exchange, std::string_view target);

// The exchanges of one run, indexed once. Positions are indices into Evidence::exchanges; late
// exchanges have none. The evidence must outlive it.
class History {
 public:
  explicit History(const Evidence& evidence);

  const Evidence& evidence() const { return evidence_; }
  const v1::Exchange& at(size_t position) const { return evidence_.exchanges[position]; }

  // Positions, in order.
  const std::vector<size_t>& all() const { return all_; }
  std::optional<size_t> Find(uint64_t sequence) const;
  const std::vector<size_t>& AttemptsOf(uint64_t operation) const;
  const std::vector<size_t>& AtPlace(const std::string& place) const;
  // Operations in order of their first attempt.
  const std::vector<uint64_t>& operations() const { return operations_; }
  // Operations that replace one, by its address without attempt.
  const std::vector<uint64_t>& FallbacksFor(const std::string& operation) const;
  // Operations that try one again with other arguments, likewise.
  const std::vector<uint64_t>& RevisionsOf(const std::string& operation) const;

  // Where agents began their task again.
  const std::vector<size_t>& restarts() const { return restarts_; }

  bool HasRole(const v1::Exchange& exchange, v1::TargetRole role) const;
  // The first attempt of the same operation after a position.
  std::optional<size_t> NextAttempt(size_t position) const;
  // Some fault reached the agent on this exchange.
  bool Met(uint64_t sequence) const { return met_.contains(sequence); }
  // The operation had a usable answer at some attempt.
  bool Succeeded(uint64_t operation) const;
  // The attempt of a known operation that was billed with the most tokens; the first of several.
  size_t DearestAttempt(uint64_t operation) const;

 private:
  const Evidence& evidence_;
  std::vector<size_t> all_;
  std::vector<uint64_t> operations_;
  std::unordered_map<uint64_t, size_t> by_sequence_;
  std::unordered_map<uint64_t, std::vector<size_t>> attempts_;
  std::unordered_map<std::string, std::vector<size_t>> places_;
  std::unordered_map<std::string, std::vector<uint64_t>> fallbacks_;
  std::unordered_map<std::string, std::vector<uint64_t>> revisions_;
  std::unordered_set<uint64_t> served_;
  std::unordered_set<uint64_t> met_;
  std::unordered_map<uint64_t, size_t> dearest_;
  std::vector<size_t> restarts_;
};

}  // namespace murphy::outcome
