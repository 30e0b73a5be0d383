// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/engine/gate.h"
#include "daemon/engine/leash.h"
#include "daemon/runs/run.h"
#include "daemon/wire/io.h"

namespace murphy::wire {

// Why a wait may end before its time.
struct HoldTerms {
  runs::Run& run;
  // Null: what the gateway itself waits for.
  const engine::Leash* leash = nullptr;
  const engine::Gate* gate = nullptr;
};

// One wait of an exchange. Whoever lets go of faults (a halt, a lease that lapses, a fault that is
// disarmed, the end of a run, a daemon that stops) looks at all of them: there is no other way to
// wait for a fault.
class Holding {
 public:
  Holding(Executor executor, const HoldTerms& terms) : terms_(terms), timer_(executor) {}

  // Until that time, or a reason to end before it.
  Task<void> Wait(Clock::time_point until);
  // Why it ended before its time; nullopt when it did not.
  const std::optional<std::string>& released() const { return released_; }

  // Looks whether it may wait at all.
  void Look();
  // The faults of a run are released: looks whether that lets go of this wait.
  void OnRelease(std::string_view run);
  void Release(std::string why);
  // Ends the wait, for a reason that is not the fault's.
  void Cancel() { timer_.cancel(); }

 private:
  bool gate_passed() const {
    return terms_.gate != nullptr && terms_.gate->state() != engine::Gate::State::kWaiting;
  }

  HoldTerms terms_;
  Timer timer_;
  std::optional<std::string> released_;
};

}  // namespace murphy::wire
