// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/experiments/experiments.h"
#include "daemon/experiments/world.h"
#include "murphy/v1/schedule_service.pb.h"

namespace murphy::schedules {

// How long an experiment of a schedule lasts: as the schedule says, else its scenario
// (`run.timeout`).
absl::Duration LengthOf(const v1::Schedule& schedule, const v1::RunSettings& settings);

// An experiment that a schedule has started: a guest on the run that it watches. It has no agent of
// its own, hence no exit code and no report: it ends by time, by its plan or from outside, and is
// judged by the traffic that it saw.
//
// Not synchronised, but for Finish and finished; `now` is of the monotonic clock.
class Guest {
 public:
  // Creates the experiment of start `number`, unless a guard says no; nothing is armed.
  static absl::StatusOr<std::unique_ptr<Guest>> Prepare(experiments::World& world,
                                                        experiments::Experiments& experiments,
                                                        const v1::ScheduleStatus& schedule,
                                                        uint64_t number, absl::Time time);
  const std::string& experiment() const { return record_.experiment(); }
  const std::string& run() const { return record_.id(); }

  // From now on its faults act. An error: nothing was recorded, and nothing acts.
  absl::Status Arm(absl::Duration now);
  // Of an experiment that was not armed.
  void EndExperiment();
  // What ends it: time, its plan or its host; a limit of a guard; or somebody who does not let it
  // finish, and then what it has seen is not judged.
  enum class By { kPlan, kGuard, kInterruption };
  // It takes no more decisions.
  void Stop(By by, const std::string& reason, absl::Duration now);
  // Time passes. True once it is to be finished: it takes no more decisions, and nothing of it is
  // open any more.
  bool Step(absl::Duration now);
  // Ends and judges it, without waiting for exchanges that are open; waits for the journal. Once it
  // has been stopped, from any thread, and as often as anybody likes.
  void Finish();
  bool finished() const { return finished_.load(std::memory_order_acquire); }

  // Some window of the guards is open.
  bool InsideWindows(absl::Time time) const;
  bool stopping() const { return stopping_; }
  const v1::Run& record() const { return record_; }
  bool interrupted() const { return by_ == By::kInterruption; }
  const std::string& reason() const { return reason_; }
  // Once it has finished.
  const v1::Conclusion& conclusion() const { return conclusion_; }

 private:
  Guest(experiments::World& world, experiments::Experiments& experiments)
      : world_(world), experiments_(experiments) {}
  void LookForEnd(const runs::GuestState& state, absl::Duration now);
  void Judge();

  experiments::World& world_;
  experiments::Experiments& experiments_;
  std::shared_ptr<runs::Run> host_;
  std::shared_ptr<const scenario::Plan> plan_;
  v1::Run record_;
  absl::Duration length_;
  absl::Duration deadline_;
  bool stopping_ = false;
  bool released_ = false;
  std::once_flag finish_;
  std::atomic<bool> finished_{false};
  absl::Duration stopped_at_;
  std::string reason_;
  By by_ = By::kPlan;
  v1::Conclusion conclusion_;
};

}  // namespace murphy::schedules
