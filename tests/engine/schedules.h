// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "tests/engine/world.h"

namespace murphy::engine {

// One event of a run.
struct Event {
  absl::Duration now;
  // The exchange that ends, or 0 when one begins.
  uint64_t finish = 0;
  Ending ending;
  Shot shot;
};

// A random scenario; now and then one with mistakes.
v1::Scenario RandomScenario(std::mt19937_64& random);

// A random run: calls of several kinds in any order, retries, failures, waits. Every exchange ends.
std::vector<Event> RandomEvents(std::mt19937_64& random);

}  // namespace murphy::engine
