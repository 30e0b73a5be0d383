// SPDX-License-Identifier: Apache-2.0
// What becomes of runs while time passes: leases run out, windows close, scenarios end.
#include "absl/time/clock.h"
#include "daemon/experiments/run_book.h"
#include "daemon/experiments/windows.h"

namespace murphy::experiments {

std::vector<std::shared_ptr<runs::Run>> RunBook::RunsWithWindows() const {
  std::vector<std::shared_ptr<runs::Run>> runs;
  const std::lock_guard lock(mutex_);
  for (const std::string& id : windowed_) {
    if (auto run = world_.runs.Find(id).run; run != nullptr) runs.push_back(std::move(run));
  }
  return runs;
}

// A window closes by the clock, whatever the run is doing.
void RunBook::DisarmOutsideWindows() {
  const absl::Time now = absl::Now();
  const bool daemon_open = WindowOpen(world_.policy.ceilings, now);
  for (const auto& run : daemon_open ? RunsWithWindows() : world_.runs.Live()) {
    const auto& plan = run->spec().plan;
    if (plan == nullptr || plan->rules().empty()) continue;
    if (daemon_open && WindowOpen(plan->scenario().guard(), now)) continue;
    if (!run->disarm_reason().empty()) continue;
    Disarm(run->spec().id, v1::DISARM_CAUSE_WINDOW, "guard.window: the window has closed");
  }
}

void RunBook::Tick() {
  std::vector<std::string> lapsed, abandoned;
  {
    const std::lock_guard lock(mutex_);
    lapsed = leases_.TakeLapsed(uptime_());
    abandoned = leases_.TakeAbandoned(uptime_());
  }
  for (const std::string& run : lapsed)
    Disarm(run, v1::DISARM_CAUSE_LEASE, "the controller's lease ran out");
  // The engine sees time pass with each exchange only, and one that is held brings no other.
  for (const auto& run : world_.runs.Pass()) Journal(*run);
  DisarmOutsideWindows();
  for (const std::string& run : abandoned) endings_.Post([this, run] { EndAbandoned(run); });
}

}  // namespace murphy::experiments
