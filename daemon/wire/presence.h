// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <shared_mutex>

#include "daemon/engine/presence.h"

namespace murphy::wire {

// An agent's connection, for as long as it is open.
class ConnectionPresence final : public engine::Presence {
 public:
  explicit ConnectionPresence(int descriptor) : descriptor_(descriptor) {}

  // Before the descriptor is closed: it may be somebody else's afterwards.
  void Close() {
    std::lock_guard lock(mutex_);
    descriptor_ = -1;
  }

  int Borrow() override {
    mutex_.lock_shared();
    return descriptor_;
  }
  void GiveBack() override { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
  int descriptor_;
};

}  // namespace murphy::wire
