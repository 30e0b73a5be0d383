// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>

#include <mutex>

#include "daemon/engine/presence.h"

namespace murphy::wire {

// Looks at an agent's connection from any thread, for as long as it is open.
class ConnectionPresence final : public engine::Presence {
 public:
  explicit ConnectionPresence(int descriptor) : descriptor_(descriptor) {}

  // Before the descriptor is closed: it may be somebody else's afterwards.
  void Close() {
    std::lock_guard lock(mutex_);
    descriptor_ = -1;
  }

  // Whoever sends the same request again, and has closed this connection's sending side, does not
  // wait for an answer on it.
  bool gone() override {
    std::lock_guard lock(mutex_);
    if (descriptor_ < 0) return true;
    pollfd polled{descriptor_, POLLRDHUP, 0};
    return ::poll(&polled, 1, 0) > 0 &&
           (polled.revents & (POLLRDHUP | POLLERR | POLLHUP)) != 0;
  }

 private:
  std::mutex mutex_;
  int descriptor_;
};

}  // namespace murphy::wire
