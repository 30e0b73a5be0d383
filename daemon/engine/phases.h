// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "daemon/engine/plan.h"
#include "daemon/engine/progress.h"

namespace murphy::engine {

// Where a run stands among the phases of its plan. The first phase begins with the first exchange.
// A last phase that says when it ends leaves none active.
class Phases {
 public:
  // Transitions that one event can cause.
  static constexpr int kMostTransitions = 8;

  explicit Phases(const std::vector<Phase>& phases) : phases_(phases) {}

  // Whether a rule of this phase (-1: of all) is armed.
  bool Active(int phase) const { return phase < 0 || static_cast<size_t>(phase) == current_; }
  // The phase was active at some time.
  bool WasActive(int phase) const {
    return phase < 0 || (begun_.has_value() && static_cast<size_t>(phase) <= current_);
  }

  // Time has passed. A phase that time ends has ended at that time, not at the event that noticed
  // it.
  void Pass(const Progress& progress, absl::Duration now);
  // Something was counted.
  void Count(const Progress& progress, absl::Duration now);

 private:
  // When time alone has ended the current phase.
  std::optional<absl::Duration> EndByTime(const Progress& progress) const;
  bool CountsReached(const Progress& progress) const;
  void Enter(size_t phase, const Progress& progress, absl::Duration at);

  const std::vector<Phase>& phases_;
  size_t current_ = 0;
  std::optional<absl::Duration> begun_;
  // What the current phase's `until` counts, as it was when the phase began.
  Tally base_;
};

}  // namespace murphy::engine
