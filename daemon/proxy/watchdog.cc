// SPDX-License-Identifier: Apache-2.0
#include "daemon/proxy/watchdog.h"

namespace murphy::proxy {

void Watchdog::Wait() {
  timer_.expires_after(std::chrono::milliseconds(100));
  timer_.async_wait([this](error_code error) {
    if (error) return;
    Tick();
    Wait();
  });
}

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
  for (Watched* watched : list_) watched->OnRelease(run);
}

}  // namespace murphy::proxy
