// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace murphy::scenario {

// How much has happened.
struct Tally {
  uint64_t calls = 0;
  uint64_t operations = 0;
  uint64_t injections = 0;
  uint64_t tokens = 0;
  uint64_t bytes = 0;
  uint64_t events = 0;
};

Tally operator-(const Tally& now, const Tally& then);

// A v1::Progress, compiled: the point at which all of these are reached. Absent counts are 0, which
// is always reached.
struct Milestone {
  Tally least;
  std::optional<absl::Duration> time;
  // Index of the target that is counted, or -1 for everything.
  int of = -1;

  bool CountsReached(const Tally& tally) const;
};

}  // namespace murphy::scenario
