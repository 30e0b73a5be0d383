// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "murphy/v1/guard.pb.h"

namespace murphy::engine {

// What a guard looks at when an exchange has ended.
struct Spent {
  absl::Duration took;
  bool failed = false;
  // A fault of the run acted on it.
  bool injected = false;
  uint64_t tokens = 0;
  // US dollars; 0 where no price is known.
  double cost = 0;
};

// One stop condition and the last exchanges that it looks at: those that were left alone, or, for
// what they cost, all of them.
class StopWatch {
 public:
  // `target`: index of `of`, or -1 for everything.
  StopWatch(const v1::StopCondition& spec, int target);

  // Why faults must stop, as a sentence; empty while they need not.
  std::string Look(const std::vector<uint32_t>& targets, const Spent& spent);

 private:
  std::string Judge() const;

  const v1::StopCondition spec_;
  const int target_;
  const size_t last_;
  std::deque<Spent> seen_;
};

}  // namespace murphy::engine
