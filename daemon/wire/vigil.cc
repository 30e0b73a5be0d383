// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/vigil.h"

namespace murphy::wire {

Task<void> Vigil::Hold(Holding& holding, Clock::time_point until) {
  NoDeadline();
  holding_ = &holding;
  const bool watching = watching_agent_;
  watching_agent_ = true;
  co_await holding.Wait(until);
  watching_agent_ = watching;
  holding_ = nullptr;
}

void Vigil::HoldCalls(Holding* holding) {
  holding_ = holding;
  holds_calls_ = holding != nullptr;
}

void Vigil::Watch(Cancellable* upstream, bool watch_agent) {
  watched_ = upstream;
  watching_agent_ = watch_agent && upstream != nullptr;
}

void Vigil::CancelAll() {
  if (holding_ != nullptr) holding_->Cancel();
  if (watched_ != nullptr) watched_->Cancel();
}

void Vigil::OnDeadline() {
  expired_ = true;
  CancelAll();
}

void Vigil::CancelReleased() {
  if (holds_calls_ && holding_->released().has_value() && watched_ != nullptr) watched_->Cancel();
}

void Vigil::OnRelease(std::string_view run) {
  if (holding_ == nullptr) return;
  holding_->OnRelease(run);
  CancelReleased();
}

void Vigil::OnDrain(bool now) {
  if (holding_ != nullptr) {
    holding_->Release("the daemon is stopping");
    CancelReleased();
  }
  if (!now) return;
  expired_ = true;
  CancelAll();
}

}  // namespace murphy::wire
