// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "daemon/config/reader.h"
#include "daemon/experiments/experiments.h"
#include "daemon/experiments/request_ids.h"
#include "daemon/experiments/world.h"
#include "daemon/schedules/schedule.h"
#include "murphy/v1/schedule_service.pb.h"

namespace murphy::schedules {

// Experiments that the daemon starts by itself.
//
// Threads: any. From Begin to Close two of its own: one does what is due, the other judges what has
// ended, so that neither a call nor a start waits for a judgement.
class Schedules {
 public:
  // `clock` shows the time of day.
  Schedules(experiments::World& world, experiments::Experiments& experiments,
            std::function<absl::Time()> clock);
  ~Schedules();

  // Reads what the journal holds. What was running is interrupted, and what was planned since is
  // told as missed with the first Tick.
  absl::Status Restore();
  void Begin();
  // What is due is left to Close, whatever else stops what is running meanwhile. Waits for nobody.
  void Leave() { leaving_ = true; }
  // Ends what is running, for `reason`, and starts nothing more.
  void Close(const std::string& reason);
  // Does what is due now, judging included.
  void Tick();
  // Some experiment is running.
  bool running() const;
  // Something is running, or may start by itself.
  bool busy() const;

  absl::Status Create(const v1::CreateScheduleRequest& request,
                      v1::CreateScheduleResponse* response);
  absl::Status Update(const v1::UpdateScheduleRequest& request,
                      v1::UpdateScheduleResponse* response);
  absl::Status Get(const v1::GetScheduleRequest& request, v1::GetScheduleResponse* response);
  absl::Status List(const v1::ListSchedulesRequest& request, v1::ListSchedulesResponse* response);
  absl::Status Pause(const v1::PauseScheduleRequest& request, v1::PauseScheduleResponse* response);
  absl::Status Resume(const v1::ResumeScheduleRequest& request,
                      v1::ResumeScheduleResponse* response);
  absl::Status Delete(const v1::DeleteScheduleRequest& request,
                      v1::DeleteScheduleResponse* response);
  absl::Status RunNow(const v1::RunScheduleNowRequest& request,
                      v1::RunScheduleNowResponse* response);
  absl::Status ListStarts(const v1::ListScheduleStartsRequest& request,
                          v1::ListScheduleStartsResponse* response);
  // Where somebody is at work on schedules for longer than a moment: as it was before.
  v1::ScheduleOverview Overview() const;

 private:
  // What is expected of a schedule of the same name.
  enum class Before { kNone, kAny, kOne };
  // A schedule that was read and checked.
  struct Checked {
    v1::ScheduleStatus status;
    Timing timing;
    v1::PlanSummary plan;
  };

  static absl::Status NoSchedule(const std::string& name);
  // Whether this machine still knows what it says.
  static absl::Status CheckReadable(const Schedule& entry, absl::Time now);
  Moment Now() const;
  void Loop();
  void JudgeLoop();
  // These need the mutex.
  void TickAll();
  // Judges what has ended; lets go of the mutex meanwhile.
  void JudgeEnded(std::unique_lock<std::timed_mutex>& lock);
  absl::StatusOr<Schedule*> Find(const std::string& name);
  absl::StatusOr<Checked> Check(const v1::UpdateScheduleRequest& request, Before expected,
                                absl::Time now);
  // Whether there may be a schedule of this name, and of any other; otherwise, what is said.
  absl::Status CheckName(const std::string& name, Before expected, const std::string& what,
                         const config::Origins& origins) const;
  // Checks the scenario and its approval, and chooses a seed; `before`: what is replaced, or null.
  absl::Status CheckScenario(const v1::UpdateScheduleRequest& request, const Schedule* before,
                             Checked& checked);
  // Adds or replaces, unless it only checks; `kept` gets what it looks like.
  absl::Status Keep(Checked checked, bool validate_only, Moment now, v1::ScheduleStatus* kept);

  experiments::World& world_;
  experiments::Experiments& experiments_;
  const std::function<absl::Time()> clock_;
  mutable std::timed_mutex mutex_;
  std::condition_variable_any closing_changed_;
  std::condition_variable_any ended_changed_;
  bool closing_ = false;
  std::atomic<bool> leaving_ = false;
  std::map<std::string, Schedule> entries_;
  mutable std::mutex overview_mutex_;
  mutable v1::ScheduleOverview overview_;
  // To be judged.
  Schedule::Ended ended_;
  experiments::RequestIds<v1::CreateScheduleResponse> created_{world_.journal, "create_schedule"};
  experiments::RequestIds<v1::UpdateScheduleResponse> updated_{world_.journal, "update_schedule"};
  experiments::RequestIds<v1::RunScheduleNowResponse> started_{world_.journal, "run_schedule_now"};
  std::thread thread_;
  std::thread judge_;
};

}  // namespace murphy::schedules
