// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/engine/causes.h"
#include "daemon/engine/holder.h"
#include "daemon/engine/occurrences.h"
#include "daemon/engine/progress.h"
#include "daemon/engine/step.h"
#include "daemon/scenario/condition.h"
#include "daemon/scenario/where.h"
#include "faults/rng.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::engine {

// Numbers what passes the earlier steps of one rule: exchanges, or operations, whose attempts all
// have the same number.
class Counter {
 public:
  // Of operations seen earlier than this many others, a further attempt is counted anew.
  static constexpr size_t kRemembered = 10'000;

  // Goes on after `last`.
  explicit Counter(v1::CountUnit unit, uint64_t last = 0);

  // The number of an exchange of this operation, from 1.
  uint64_t Number(uint64_t operation);
  // The last number that was given.
  uint64_t last() const { return last_; }

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

// For whom a rule counts.
struct Counted {
  uint64_t operation = 0;
  // Who has a row of numbers; nullopt: the one that all others share.
  std::optional<uint64_t> holder;
};

// The counters of one rule: one for each of its conditions, and for each operation, session, agent…
// where the rule says so.
class Counters {
 public:
  // Of holders beyond, all share one row of numbers; of operations, the oldest is forgotten.
  static constexpr size_t kMostHolders = 1'000;
  static constexpr size_t kMostOperations = 10'000;

  explicit Counters(const scenario::Rule& rule);

  // Each has its own row.
  bool has_rows() const;

  uint64_t Number(uint32_t condition, const Counted& counted);

  // For counters of an experiment: the last number of each condition, and going on after these.
  std::vector<uint64_t> Numbers() const;
  void Continue(const std::vector<uint64_t>& numbers);

 private:
  using Row = std::vector<Counter>;
  Row& RowOf(const Counted& counted);

  v1::CountUnit unit_;
  scenario::Whose::Kind per_;
  Row common_;
  absl::flat_hash_map<uint64_t, Row> rows_;
  // Operations, oldest first.
  std::deque<uint64_t> order_;
};

// What conditions look at.
struct Question {
  const Progress& progress;
  const Occurrences& occurrences;
  const Causes& causes;
  scenario::Content& content;
  absl::Duration now;
  // Number of the exchange.
  uint64_t sequence = 0;
  Counted counted;
};

// The step at which the exchange stops, kLimits when it passes them all. Every nested condition
// that counts is asked, so that what one counts does not depend on the others.
Step Ask(const scenario::Condition& condition, const Question& question, const Draws& draws,
         Counters& counters);

}  // namespace murphy::engine
