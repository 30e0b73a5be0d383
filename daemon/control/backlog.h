// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <set>

#include "murphy/v1/exchange.pb.h"

namespace murphy::control {

class Backlog;

// What waits for readers of Watch that are slow, bounded for all of them together: beyond the
// limit, the one that holds most is dropped.
//
// Threads: any.
class WatchBudget {
 public:
  explicit WatchBudget(size_t bytes) : bytes_(bytes) {}

  size_t bytes() const { return bytes_; }
  size_t held() const;

 private:
  friend class Backlog;

  const size_t bytes_;
  // Of every backlog, too.
  mutable std::mutex mutex_;
  size_t held_ = 0;
  std::set<Backlog*> backlogs_;
};

// Events that wait for one reader, in order.
//
// Threads: any.
class Backlog {
 public:
  static constexpr size_t kMostEvents = 10'000;

  enum class State { kOpen, kFull, kDropped };

  explicit Backlog(WatchBudget& budget);
  ~Backlog();
  Backlog(const Backlog&) = delete;
  Backlog& operator=(const Backlog&) = delete;

  // Not kOpen: it was not taken, and no other will be. A full one keeps what it has; a dropped one
  // has nothing left.
  State Push(const v1::Event& event);
  // False when nothing waits.
  bool Pop(v1::Event* event);
  void Clear();
  State state() const;

 private:
  struct Waiting {
    v1::Event event;
    size_t bytes;
  };

  // With the mutex held.
  void ReleaseAll();

  WatchBudget& budget_;
  std::deque<Waiting> waiting_;
  size_t held_ = 0;
  State state_ = State::kOpen;
};

}  // namespace murphy::control
