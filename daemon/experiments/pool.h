// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace murphy::control {

// Threads for calls that wait, so that gRPC's own never do.
class Pool {
 public:
  Pool(size_t threads, size_t waiting);
  // Runs what was posted, then stops.
  ~Pool();

  // False when too much is waiting.
  bool TryPost(std::function<void()> task);
  // For short tasks that must run: at most one for each call that was admitted.
  void Post(std::function<void()> task);

 private:
  void Work();

  const size_t waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace murphy::control
