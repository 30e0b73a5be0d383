// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "daemon/scenario/plan.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/experiment_service.pb.h"

namespace murphy::engine {

// A plan, and a run that was recorded without it.
struct Rehearsal {
  std::shared_ptr<const scenario::Plan> plan;
  uint32_t run_index = 0;
  // When the run began.
  absl::Time begun;
  // Of the whole run; in any order.
  std::vector<v1::Exchange> exchanges;
};

// Plays the plan against what the agent did, as a shadow run would have: the same decider is told
// of the same calls at the same times. What the agent said and was told is not in a record;
// whatever depends on it is named as unknown, rule by rule, and not guessed.
v1::RehearseScenarioResponse Rehearse(const Rehearsal& rehearsal);

// Why nobody can know from a record all that this rule would do, a sentence each.
std::vector<std::string> UnknownOf(const scenario::Plan& plan, const scenario::Rule& rule);

}  // namespace murphy::engine
