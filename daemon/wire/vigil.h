// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "daemon/wire/hold.h"
#include "daemon/wire/watchdog.h"
#include "daemon/wire/worker.h"

namespace murphy::wire {

// Something of an exchange that is waited for, and can be ended.
class Cancellable {
 public:
  virtual ~Cancellable() = default;
  virtual void Cancel() = 0;
};

// What an exchange waits for, one thing at a time: a deadline, and whatever lets go of faults, end
// it. With nobody at the other end it is all there is to waiting; see Downstream for an agent.
class Vigil : public Watched {
 public:
  explicit Vigil(Worker& owner) : worker(owner), place_(owner.watchdog, *this) {}

  Worker& worker;

  // Waits. Ends early as HoldTerms say.
  Task<void> Hold(Holding& holding, Clock::time_point until);
  // Whatever lets go of this wait ends what is watched, too, until it is null again.
  void HoldCalls(Holding* holding);

  // What a deadline cancels; with `watch_agent`, the agent's leaving does too. Null for nothing.
  void Watch(Cancellable* upstream, bool watch_agent = true);
  bool expired() const { return expired_; }
  void ClearExpired() { expired_ = false; }
  void SetDeadline(std::chrono::milliseconds after) { deadline = Clock::now() + after; }
  void NoDeadline() { deadline = Clock::time_point::max(); }

  virtual bool agent_left() const { return false; }
  // The rest of a request's body has been waited for in vain.
  virtual bool stalled() const { return false; }

 protected:
  void OnDeadline() override;
  void OnTick(Clock::time_point) override {}
  void OnDrain(bool now) override;
  void OnRelease(std::string_view run) override;
  virtual void CancelAll();
  bool watching_agent() const { return watching_agent_; }

  bool expired_ = false;

 private:
  void CancelReleased();

  Watchdog::Place place_;
  Cancellable* watched_ = nullptr;
  bool watching_agent_ = false;
  Holding* holding_ = nullptr;
  bool holds_calls_ = false;
};

}  // namespace murphy::wire
