// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/backlog.h"

#include <algorithm>
#include <utility>

namespace murphy::control {

size_t WatchBudget::held() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

Backlog::Backlog(WatchBudget& budget) : budget_(budget) {
  const std::lock_guard lock(budget_.mutex_);
  budget_.backlogs_.insert(this);
}

Backlog::~Backlog() {
  const std::lock_guard lock(budget_.mutex_);
  ReleaseAll();
  budget_.backlogs_.erase(this);
}

void Backlog::ReleaseAll() {
  budget_.held_ -= held_;
  held_ = 0;
  waiting_ = {};
}

Backlog::State Backlog::Push(const v1::Event& event) {
  Waiting waiting{event, event.SpaceUsedLong()};
  const std::lock_guard lock(budget_.mutex_);
  if (state_ == State::kOpen && waiting_.size() >= kMostEvents) state_ = State::kFull;
  if (state_ != State::kOpen) return state_;
  held_ += waiting.bytes;
  budget_.held_ += waiting.bytes;
  waiting_.push_back(std::move(waiting));
  while (budget_.held_ > budget_.bytes_) {
    Backlog& slowest = **std::max_element(
        budget_.backlogs_.begin(), budget_.backlogs_.end(),
        [](const Backlog* one, const Backlog* other) { return one->held_ < other->held_; });
    slowest.state_ = State::kDropped;
    slowest.ReleaseAll();
  }
  return state_;
}

bool Backlog::Pop(v1::Event* event) {
  const std::lock_guard lock(budget_.mutex_);
  if (waiting_.empty()) return false;
  event->Swap(&waiting_.front().event);
  held_ -= waiting_.front().bytes;
  budget_.held_ -= waiting_.front().bytes;
  waiting_.pop_front();
  return true;
}

void Backlog::Clear() {
  const std::lock_guard lock(budget_.mutex_);
  ReleaseAll();
}

Backlog::State Backlog::state() const {
  const std::lock_guard lock(budget_.mutex_);
  return state_;
}

}  // namespace murphy::control
