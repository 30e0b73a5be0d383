// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "daemon/runs/layer.h"

namespace murphy::runs {

std::vector<v1::Event> Run::TakeSteps() {
  std::vector<v1::Event> events;
  for (const std::shared_ptr<Layer>& layer : layers_) {
    for (v1::EngineStep& step : layer->machine.TakeSteps()) {
      if (layer->record.empty()) continue;
      step.set_run(layer->record);
      *events.emplace_back().mutable_step() = std::move(step);
    }
  }
  return events;
}

void Run::AppendAll(std::vector<v1::Event> events) {
  for (v1::Event& event : events) Append(std::move(event));
}

void Run::KeepInput(v1::Exchange& exchange) const {
  std::lock_guard lock(mutex_);
  if (!layers_.empty() && layers_.front()->scenario)
    layers_.front()->KeepInput(exchange.sequence(), exchange);
}

}  // namespace murphy::runs
