// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "murphy/v1/scenario.pb.h"

namespace murphy::scenario {

// Any number.
inline constexpr uint64_t kUnbounded = std::numeric_limits<uint32_t>::max();

// Most times that a rule can fire in a run, as far as its own keys say.
uint64_t MostInjections(const v1::Rule& rule);

// Most injections of the rules together whose own keys or group say how many, and how that is
// reckoned: `a (2) + b (3)`. `of`: only rules on this target; empty for all.
struct Reckoning {
  uint64_t most = 0;
  std::string sum;
};
Reckoning Reckon(const v1::Scenario& scenario, std::string_view of = {});

// Whether an exchange of the target, by name, can be one of the rule's.
bool CanHit(const v1::Scenario& scenario, const v1::Rule& rule, std::string_view target);

// Whether all exchanges of a target are calls of one name.
bool IsOneName(const v1::Target& target);

}  // namespace murphy::scenario
