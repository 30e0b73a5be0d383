// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/schedules.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/experiments/approval.h"
#include "daemon/experiments/mistakes.h"
#include "daemon/experiments/moments.h"
#include "daemon/experiments/refusal.h"
#include "daemon/schedules/text.h"
#include "proto/time.h"

namespace murphy::schedules {
namespace {


constexpr uint32_t kPage = 50;
constexpr std::chrono::milliseconds kTick(100);
constexpr std::chrono::milliseconds kOverviewPatience(20);

}  // namespace

Schedules::Schedules(experiments::World& world, experiments::Experiments& experiments,
                     std::function<absl::Time()> clock)
    : world_(world), experiments_(experiments), clock_(std::move(clock)) {}

absl::Status Schedules::NoSchedule(const std::string& name) {
  return experiments::Refusal(absl::StatusCode::kNotFound, "NO_SUCH_SCHEDULE",
                              fmt::format("There is no schedule `{}`.", name));
}

Schedules::~Schedules() { Close("the daemon was stopped"); }

Moment Schedules::Now() const { return {clock_(), experiments::Uptime()}; }

absl::Status Schedules::Restore() {
  auto stored = world_.journal.Schedules();
  if (!stored.ok()) return stored.status();
  const std::lock_guard lock(mutex_);
  for (v1::ScheduleStatus& status : *stored) {
    std::vector<scenario::Mistake> mistakes;
    Timing timing = TimingOf(status.schedule(), status.seed(), mistakes);
    const std::string name = status.schedule().name();
    // A time zone that this machine no longer knows, for one: no reason to keep traffic waiting.
    if (!mistakes.empty()) {
      timing.calendar.cron = {};
      status.set_paused(true);
      status.set_pause_reason(fmt::format("It cannot be read any more: {}", mistakes[0].message));
    }
    Planner planner(std::move(timing), FromProto(status.evaluated_time()), {});
    auto [entry, added] =
        entries_.try_emplace(name, world_, experiments_, std::move(status), std::move(planner));
    if (absl::Status restored = entry->second.Restore(); !restored.ok()) return restored;
    if (mistakes.empty()) continue;
    if (absl::Status saved = entry->second.Save(); !saved.ok()) return saved;
  }
  return absl::OkStatus();
}

void Schedules::Begin() {
  thread_ = std::thread([this] { Loop(); });
  judge_ = std::thread([this] { JudgeLoop(); });
}

void Schedules::TickAll() {
  if (leaving_) return;
  // Each looks at the clock anew: it may be set at any time.
  for (auto& [name, entry] : entries_) entry.Tick(Now(), ended_);
  if (!ended_.empty()) ended_changed_.notify_all();
}

void Schedules::Loop() {
  std::unique_lock lock(mutex_);
  while (!closing_changed_.wait_for(lock, kTick, [this] { return closing_; })) TickAll();
}

void Schedules::JudgeEnded(std::unique_lock<std::timed_mutex>& lock) {
  while (!ended_.empty()) {
    const std::shared_ptr<Guest> run = std::move(ended_.front());
    ended_.pop_front();
    lock.unlock();
    run->Finish();
    lock.lock();
    for (auto& [name, entry] : entries_) entry.CommitEnds(clock_());
  }
}

void Schedules::JudgeLoop() {
  std::unique_lock lock(mutex_);
  while (!closing_) {
    ended_changed_.wait(lock, [this] { return closing_ || !ended_.empty(); });
    JudgeEnded(lock);
  }
}

void Schedules::Close(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  closing_changed_.notify_all();
  ended_changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (judge_.joinable()) judge_.join();
  std::unique_lock lock(mutex_);
  for (auto& [name, entry] : entries_) entry.Retire(reason, Now(), ended_);
  JudgeEnded(lock);
}

void Schedules::Tick() {
  std::unique_lock lock(mutex_);
  TickAll();
  JudgeEnded(lock);
}

bool Schedules::running() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const auto& named) { return named.second.running(); });
}

bool Schedules::busy() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(entries_.begin(), entries_.end(), [](const auto& named) {
    return named.second.running() || !named.second.paused();
  });
}

absl::StatusOr<Schedule*> Schedules::Find(const std::string& name) {
  const auto found = entries_.find(name);
  // One that is retired is being deleted.
  if (found == entries_.end() || found->second.retired()) return NoSchedule(name);
  return &found->second;
}

absl::Status Schedules::Get(const v1::GetScheduleRequest& request,
                            v1::GetScheduleResponse* response) {
  const std::lock_guard lock(mutex_);
  const auto entry = Find(request.name());
  if (!entry.ok()) return entry.status();
  *response->mutable_status() = (*entry)->Describe(clock_());
  return absl::OkStatus();
}

absl::Status Schedules::List(const v1::ListSchedulesRequest&, v1::ListSchedulesResponse* response) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, entry] : entries_) *response->add_schedules() = entry.Describe(clock_());
  return absl::OkStatus();
}

absl::Status Schedules::Pause(const v1::PauseScheduleRequest& request,
                              v1::PauseScheduleResponse* response) {
  const std::lock_guard lock(mutex_);
  const auto entry = Find(request.name());
  if (!entry.ok()) return entry.status();
  if (absl::Status kept = (*entry)->SetPaused(true, request.reason()); !kept.ok()) return kept;
  *response->mutable_status() = (*entry)->Describe(clock_());
  return absl::OkStatus();
}

absl::Status Schedules::CheckReadable(const Schedule& entry, absl::Time now) {
  const v1::ScheduleStatus status = entry.Describe(now);
  std::vector<scenario::Mistake> mistakes;
  TimingOf(status.schedule(), status.seed(), mistakes);
  if (mistakes.empty()) return absl::OkStatus();
  return experiments::MistakesIn(fmt::format("The schedule `{}`", status.schedule().name()),
                                 mistakes, {});
}

absl::Status Schedules::Resume(const v1::ResumeScheduleRequest& request,
                               v1::ResumeScheduleResponse* response) {
  const std::lock_guard lock(mutex_);
  const auto entry = Find(request.name());
  if (!entry.ok()) return entry.status();
  const Moment now = Now();
  if (absl::Status wrong = CheckReadable(**entry, now.time); !wrong.ok()) return wrong;
  // What was planned until now belongs to the pause.
  (*entry)->Tick(now, ended_);
  ended_changed_.notify_all();
  if (absl::Status kept = (*entry)->SetPaused(false, request.reason()); !kept.ok()) return kept;
  *response->mutable_status() = (*entry)->Describe(clock_());
  return absl::OkStatus();
}

absl::Status Schedules::Delete(const v1::DeleteScheduleRequest& request,
                               v1::DeleteScheduleResponse*) {
  std::unique_lock lock(mutex_);
  const auto entry = Find(request.name());
  if (!entry.ok()) return entry.status();
  Schedule::Ended ended;
  (*entry)->Retire("the schedule was deleted", Now(), ended);
  lock.unlock();
  for (const std::shared_ptr<Guest>& run : ended) run->Finish();
  lock.lock();
  (*entry)->CommitEnds(clock_());
  if (absl::Status removed = world_.journal.RemoveSchedule(request.name()); !removed.ok()) {
    (*entry)->Revive();
    return removed;
  }
  entries_.erase(request.name());
  return absl::OkStatus();
}

absl::Status Schedules::RunNow(const v1::RunScheduleNowRequest& request,
                               v1::RunScheduleNowResponse* response) {
  const std::lock_guard lock(mutex_);
  if (const auto repeats = started_.Repeats(request, response); !repeats.ok() || *repeats)
    return repeats.status();
  const auto entry = Find(request.name());
  if (!entry.ok()) return entry.status();
  const Moment now = Now();
  if (absl::Status wrong = CheckReadable(**entry, now.time); !wrong.ok()) return wrong;
  auto start = (*entry)->RunNow(request.reason(), now);
  if (!start.ok()) return start.status();
  *response->mutable_start() = *std::move(start);
  started_.Keep(request, *response);
  return absl::OkStatus();
}

v1::ScheduleOverview Schedules::Overview() const {
  const std::unique_lock lock(mutex_, kOverviewPatience);
  v1::ScheduleOverview overview;
  if (lock.owns_lock()) {
    for (const auto& [name, entry] : entries_) entry.AddTo(overview, clock_());
  }
  const std::lock_guard overview_lock(overview_mutex_);
  if (lock.owns_lock()) overview_ = std::move(overview);
  return overview_;
}

absl::Status Schedules::ListStarts(const v1::ListScheduleStartsRequest& request,
                                   v1::ListScheduleStartsResponse* response) {
  {
    const std::lock_guard lock(mutex_);
    if (!entries_.contains(request.name())) return NoSchedule(request.name());
  }
  const std::string& token = request.page_token();
  if (token.size() > 18 || token.find_first_not_of("0123456789") != std::string::npos) {
    return experiments::WrongPageToken();
  }
  const uint32_t most = std::min<uint32_t>(request.page_size() == 0 ? kPage : request.page_size(),
                                           journal::kMostScheduleStarts);
  auto starts =
      world_.journal.ScheduleStarts(request.name(), most, token.empty() ? 0 : std::stoull(token));
  if (!starts.ok()) return starts.status();
  if (starts->size() == most)
    response->set_next_page_token(fmt::to_string(starts->back().number()));
  for (v1::ScheduleStart& start : *starts) *response->add_starts() = std::move(start);
  return absl::OkStatus();
}

}  // namespace murphy::schedules
