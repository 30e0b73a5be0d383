// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <string_view>

#include "daemon/wire/io.h"

namespace murphy::wire {

// Something with a deadline. Renewing it is a store: no timer is touched on the data path.
class Watched {
 public:
  virtual ~Watched() = default;
  // The deadline has passed: cancel what is being waited for.
  virtual void OnDeadline() = 0;
  // A tick has passed: look whether the peer is still there, where that matters.
  virtual void OnTick(Clock::time_point now) = 0;
  // The daemon stops: end what is idle, and what is held by faults; or everything when `now`.
  virtual void OnDrain(bool now) = 0;
  // The faults of a run are released.
  virtual void OnRelease(std::string_view run) = 0;

  Clock::time_point deadline = Clock::time_point::max();
};

// Looks after the deadlines of one worker. It outlives the worker's loop: what is watched may be
// destroyed with that.
class Watchdog {
 public:
  static constexpr auto kTick = std::chrono::milliseconds(100);

  // A place in the watchdog, for the life of the object.
  class Place {
   public:
    Place(Watchdog& dog, Watched& watched)
        : dog_(dog), at_(dog.list_.insert(dog.list_.end(), &watched)) {}
    ~Place() {
      if (dog_.next_ == at_) ++dog_.next_;
      dog_.list_.erase(at_);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    Watchdog& dog_;
    std::list<Watched*>::iterator at_;
  };

  // To be called every kTick.
  void Tick();
  void Drain(bool now);
  void Release(std::string_view run);

 private:
  std::list<Watched*> list_;
  // The entry after the one being visited: a visit may remove entries.
  std::list<Watched*>::iterator next_ = list_.end();
};

}  // namespace murphy::wire
