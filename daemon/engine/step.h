// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace murphy::engine {

// The steps of a rule, in order. An exchange that stops at one does not come to the next.
enum class Step {
  kTarget,
  kPhase,
  kGroup,
  kAttempts,
  kCause,
  kAfter,
  kOn,
  kWhere,
  kCombination,
  kCounters,
  kProbability,
  kLimits,
  kAdmission,
  kActed,
};

// What can keep a rule from firing on an exchange that it has selected.
enum class Limit {
  kNone,
  kLimit,
  kTtl,
  kGroup,
  kInjections,
  kPerMinute,
  kUpstreams,
  kPerTarget,
  kShare
};

// Where an exchange has stopped on its way through one rule; kActed: nowhere.
struct Stop {
  uint32_t rule = 0;
  Step step = Step::kTarget;
  // Of kLimits.
  Limit limit = Limit::kNone;
};

}  // namespace murphy::engine
