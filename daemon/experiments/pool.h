// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace murphy::experiments {

// Threads for work that waits, so that those that must not wait never do.
class Pool {
 public:
  Pool(size_t threads, size_t waiting);
  // Runs what was posted, then stops.
  ~Pool();

  // False when too much is waiting.
  bool TryPost(std::function<void()> task);
  // For tasks that must run, whatever is waiting.
  void Post(std::function<void()> task);
  // Forgets what has not begun.
  void Drop();

 private:
  void Work();

  const size_t waiting_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace murphy::experiments
