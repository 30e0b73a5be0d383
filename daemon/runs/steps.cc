// SPDX-License-Identifier: Apache-2.0
// What is recorded without an exchange.
#include <algorithm>
#include <utility>

#include "daemon/runs/layer.h"

namespace murphy::runs {

Run::After Run::AfterStep() {
  After after = AfterEvent();
  for (const std::shared_ptr<Layer>& layer : *layers_) {
    for (v1::EngineStep& step : layer->decider.TakeSteps()) {
      if (layer->record.empty()) continue;
      step.set_run(layer->record);
      *after.events.emplace_back().mutable_step() = std::move(step);
    }
  }
  return after;
}

// Whoever ends the exchange cannot know yet what becomes of it.
bool Run::KeepsForLater(const v1::Injection& injection) {
  const auto waiting = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& one) {
    return one.injection == injection.id();
  });
  if (waiting == waiting_.end() || injection.state() == v1::INJECTION_STATE_MATCHED) return false;
  if (waiting->gate->state() == engine::Gate::State::kWaiting) {
    waiting->record = injection;
    return true;
  }
  waiting_.erase(waiting);
  return false;
}

void Run::SettleWaiting(std::vector<v1::Event>& events) {
  std::erase_if(waiting_, [&](Waiting& waiting) {
    const engine::Gate::State state = waiting.gate->state();
    if (state == engine::Gate::State::kWaiting || !waiting.record.has_value()) return false;
    const bool met = state == engine::Gate::State::kOpen;
    waiting.record->set_state(met ? v1::INJECTION_STATE_WOULD_FIRE : v1::INJECTION_STATE_EXPIRED);
    waiting.record->set_detail(met ? "" : waiting.gate->late());
    *events.emplace_back().mutable_injection() = *std::move(waiting.record);
    return true;
  });
}

}  // namespace murphy::runs
