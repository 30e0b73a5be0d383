// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/controls.h"

namespace murphy::experiments {

void Controls::Add(const std::string& experiment, const v1::Outcome& outcome) {
  const double tokens =
      static_cast<double>(outcome.usage().input_tokens() + outcome.usage().output_tokens());
  const std::lock_guard lock(mutex_);
  v1::Control& control = controls_[experiment];
  control.set_runs(control.runs() + 1);
  control.set_tokens(control.tokens() + (tokens - control.tokens()) / control.runs());
  control.set_cost(control.cost() + (outcome.cost() - control.cost()) / control.runs());
}

std::optional<v1::Control> Controls::Of(const std::string& experiment) const {
  const std::lock_guard lock(mutex_);
  const auto found = controls_.find(experiment);
  if (found == controls_.end()) return std::nullopt;
  return found->second;
}

void Controls::Drop(const std::string& experiment) {
  const std::lock_guard lock(mutex_);
  controls_.erase(experiment);
}

}  // namespace murphy::experiments
