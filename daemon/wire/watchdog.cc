// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/watchdog.h"

namespace murphy::wire {

void Watchdog::Tick() {
  const Clock::time_point now = Clock::now();
  for (auto at = list_.begin(); at != list_.end(); at = next_) {
    next_ = std::next(at);
    Watched& watched = **at;
    if (watched.deadline <= now) {
      watched.deadline = Clock::time_point::max();
      watched.OnDeadline();
    } else {
      watched.OnTick(now);
    }
  }
}

void Watchdog::Drain(bool now) {
  for (auto at = list_.begin(); at != list_.end(); at = next_) {
    next_ = std::next(at);
    (*at)->OnDrain(now);
  }
}

void Watchdog::Release(std::string_view run) {
  for (auto at = list_.begin(); at != list_.end(); at = next_) {
    next_ = std::next(at);
    (*at)->OnRelease(run);
  }
}

}  // namespace murphy::wire
