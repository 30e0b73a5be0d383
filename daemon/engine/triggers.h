// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "faults/rng.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::engine {

// The attempt is one that the rule selects.
bool SelectsAttempt(const v1::Rule& rule, uint32_t attempt);

// Number `n`, from 1, of what the rule counts is one that its counters select.
bool SelectsNumber(const v1::Trigger& trigger, uint64_t n);

// The draw falls within the rule's probability, if it has one.
bool SelectsByChance(const v1::Trigger& trigger, const Draw& draw);

// Numbers what passes the earlier steps of one rule: exchanges, or operations, whose attempts all
// have the same number.
class Counter {
 public:
  // Of operations seen earlier than this many others, a further attempt is counted anew.
  static constexpr size_t kRemembered = 10'000;

  explicit Counter(v1::CountUnit unit);

  // The number of an exchange of this operation, from 1.
  uint64_t Number(uint64_t operation);

 private:
  struct Operations {
    absl::flat_hash_map<uint64_t, uint64_t> numbers;
    // Oldest first.
    std::deque<uint64_t> order;
  };
  uint64_t last_ = 0;
  // Null when exchanges are counted.
  std::unique_ptr<Operations> operations_;
};

}  // namespace murphy::engine
