// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "daemon/scenario/milestone.h"
#include "daemon/scenario/whose.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::scenario {

// The attempt is one that the rule selects.
bool SelectsAttempt(const v1::Rule& rule, uint32_t attempt);

// The numbers that the counters of one trigger select.
struct Series {
  uint64_t least = 1;
  uint64_t most = std::numeric_limits<uint64_t>::max();
  uint64_t every = 1;
  std::optional<uint64_t> nth;
  // True: it fails.
  std::vector<bool> pattern;

  explicit Series(const v1::Trigger& spec);
  Series() = default;

  // Some number is not selected.
  bool selective() const;
  bool Selects(uint64_t n) const;
  // There is a number that they select.
  bool SelectSomething() const;
};

// A trigger, compiled; one node of a tree. Its counter and its draws are its own.
struct Condition {
  // Index into the plan's causes, or -1; for the root of a trigger the rule has it.
  int cause = -1;
  double cause_on = 1, cause_off = 0;
  // Name of the stream that it draws from, hashed.
  uint64_t cause_stream = 0;
  std::optional<Milestone> after;
  // Indices into the plan's lists, or -1.
  int on = -1;
  int where = -1;
  std::vector<Condition> any, all, none;
  Series series;
  // Number among the conditions of its rule, the root 0.
  uint32_t index = 0;
  std::optional<double> probability;
  // Whose draw it is.
  Whose per;
  // Name of the stream that it draws from, hashed.
  uint64_t stream = 0;
  // It or something in it counts: it must be asked even when the answer is known.
  bool counts = false;
};

}  // namespace murphy::scenario
