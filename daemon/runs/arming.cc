// SPDX-License-Identifier: Apache-2.0
// One-off faults, and what takes faults back.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "daemon/runs/layer.h"

namespace murphy::runs {
namespace {

constexpr char kHalted[] = "injections are halted";

}  // namespace

std::string Run::Arm(std::string text, std::shared_ptr<const scenario::Plan> plan,
                     absl::Time expire) {
  std::lock_guard lock(mutex_);
  const Now time = now();
  auto layer =
      std::make_shared<Layer>(std::move(plan), spec_.index, time.run, spec_.arm, viewers_++);
  layer->armed = {fmt::format("{}-fault-{}", spec_.id, ++armed_faults_), std::move(text), expire,
                  0};
  layer->expires = time.run + (expire - time.wall);
  if (suspended_) layer->decider.Disarm(kHalted);
  // Whoever asked found it armed a moment ago.
  if (!disarm_reason_.empty()) layer->decider.Disarm(disarm_reason_);
  Add(layer);
  if (const auto due = NextDue(); due.has_value()) calls_.due(*this, *due);
  return layer->armed.id;
}

bool Run::DisarmFault(std::string_view id) {
  {
    std::lock_guard lock(mutex_);
    const auto layer = std::find_if(
        layers_->begin(), layers_->end(),
        [&](const std::shared_ptr<Layer>& one) { return one->is_fault() && one->armed.id == id; });
    if (layer == layers_->end()) return false;
    const std::shared_ptr<Layer> fault = *layer;
    fault->leash->LetGo();
    Remove(*fault, "the fault was disarmed");
  }
  calls_.release(*this);
  return true;
}

std::vector<ArmedFault> Run::Armed() const {
  std::lock_guard lock(mutex_);
  std::vector<ArmedFault> armed;
  for (const std::shared_ptr<Layer>& layer : *layers_) {
    if (layer->is_fault()) armed.push_back(layer->armed);
  }
  return armed;
}

void Run::StopDeciding(const std::string& reason) {
  After after;
  {
    std::lock_guard lock(mutex_);
    for (const std::shared_ptr<Layer>& layer : *layers_) layer->decider.Disarm(reason);
    after = AfterStep();
  }
  Tell(std::move(after));
}

void Run::Disarm(v1::DisarmCause cause, const std::string& reason) {
  After after;
  {
    std::lock_guard lock(mutex_);
    if (disarm_reason_.empty()) {
      disarm_reason_ = reason;
      disarm_cause_ = cause;
    }
    for (const std::shared_ptr<Layer>& layer : *layers_) layer->Stop(reason);
    armed_ = false;
    after = AfterStep();
  }
  after.wake = true;
  Tell(std::move(after));
}

void Run::Suspend() {
  armed_ = false;
  After after;
  {
    std::lock_guard lock(mutex_);
    suspended_ = true;
    for (const std::shared_ptr<Layer>& layer : *layers_) layer->Stop(kHalted);
    after = AfterStep();
  }
  after.wake = true;
  Tell(std::move(after));
}

void Run::Unsuspend() {
  After after;
  {
    std::lock_guard lock(mutex_);
    suspended_ = false;
    if (!disarm_reason_.empty()) return;
    for (const std::shared_ptr<Layer>& layer : *layers_) {
      // A guest that was stopped stays so: its experiment has ended.
      if (layer->guest == nullptr || layer->guest->stopped.empty()) layer->decider.Rearm();
    }
    armed_ = true;
    after = AfterStep();
  }
  Tell(std::move(after));
}

std::string Run::disarm_reason() const {
  std::lock_guard lock(mutex_);
  return suspended_ && disarm_reason_.empty() ? kHalted : disarm_reason_;
}

v1::DisarmCause Run::disarm_cause() const {
  std::lock_guard lock(mutex_);
  return suspended_ && disarm_reason_.empty() ? v1::DISARM_CAUSE_HALT : disarm_cause_;
}

}  // namespace murphy::runs
