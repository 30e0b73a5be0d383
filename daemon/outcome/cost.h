// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "daemon/outcome/history.h"
#include "daemon/outcome/recovery.h"

namespace murphy::outcome {

struct Spent {
  uint64_t tokens = 0;
  double cost = 0;
};

// What an injection cost beyond what the call would have cost anyway: everything that was billed for
// it, without the one answer that was wanted. What was refused before the upstream was not billed;
// an answer counts as often as it was asked for.
Spent ExtraOf(const History& history, const v1::Injection& injection, const Recovery& recovery);

// The same for several injections: what they share is counted once.
class Bill {
 public:
  explicit Bill(const History& history) : history_(history) {}
  void Add(const v1::Injection& injection, const Recovery& recovery);
  Spent Extra() const;

 private:
  const History& history_;
  std::set<size_t> billed_;
  std::set<size_t> wanted_;
};

// Cost of a successful run that is too much: more than the scenario's multiple of what runs without
// faults cost. Empty where it is not, or where nobody can say.
std::string TooCostly(const Evidence& evidence, const v1::Outcome& outcome);

}  // namespace murphy::outcome
