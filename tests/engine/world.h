// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "daemon/engine/decider.h"
#include "tests/scenario/plans.h"

namespace murphy::engine {

using scenario::CallOf;
using scenario::Mistake;
using scenario::Model;
using scenario::Plan;
using scenario::PlanOf;
using scenario::Rule;
using scenario::Scenario;
using scenario::Shot;

// A run of one plan, with a clock that the test moves.
class World {
 public:
  explicit World(std::string_view scenario, uint32_t run_index = 0)
      : World(PlanOf(scenario), run_index) {}
  explicit World(std::shared_ptr<const Plan> plan, uint32_t run_index = 0,
                 absl::Duration armed_at = absl::ZeroDuration(), v1::Arm arm = v1::ARM_TREATMENT)
      : plan_(plan), decider_(std::move(plan), run_index, armed_at, arm) {}

  Decider& decider() { return decider_; }
  absl::Duration now = absl::ZeroDuration();

  Begun Begin(const Shot& shot = {});
  // Its agent is gone; the end is on the way.
  void Leave(uint64_t sequence);
  std::optional<v1::ExchangeInput> Finish(uint64_t sequence, const Ending& ending = {});
  void Fail(uint64_t sequence) { Finish(sequence, {.failed = true}); }
  // Begin and Finish.
  Begun Succeed(const Shot& shot = {}, uint64_t tokens = 0);
  Begun SendAndFail(const Shot& shot = {});
  Now Time() const { return {.run = now, .wall = absl::UnixEpoch() + now}; }

 private:
  const std::shared_ptr<const Plan> plan_;
  Recogniser recogniser_;
  Decider decider_;
  // Of exchanges that have begun, by number.
  std::map<uint64_t, uint64_t> operations_;
};

// Rules that fired on an exchange, in the order in which they act: `a b`. Masked ones in brackets,
// declined ones after a `?`, those that wait after a `…`, those that would fire after a `~`.
std::string Fired(const Begun& begun);

// Everything that was decided on an exchange, as one line.
std::string Log(const Begun& begun);

}  // namespace murphy::engine
