// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/runs.h"

#include <fmt/format.h>

#include "absl/strings/ascii.h"

namespace murphy::runs {
namespace {

constexpr std::string_view kDefault = "default";

bool IsId(std::string_view id) {
  if (id.empty() || id.size() > 64) return false;
  for (const char c : id) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_') return false;
  }
  return true;
}

v1::Event EventOf(const Run& run) {
  v1::Event event;
  *event.mutable_run() = run.Describe();
  return event;
}

}  // namespace

Runs::Runs(journal::Journal& journal, RouteTable routes, const std::vector<std::string>& ended)
    : journal_(journal), routes_(std::move(routes)), ended_(ended.begin(), ended.end()) {
  ended_.erase(std::string(kDefault));
  RunSpec spec{.id = std::string(kDefault), .routes = routes_};
  live_.emplace(kDefault, std::make_shared<Run>(std::move(spec), journal_,
                                                [this](const Run& run) { Release(run); }));
}

Runs::~Runs() = default;

void Runs::Release(const Run& run) const {
  std::function<void(const Run&)> release;
  {
    std::lock_guard lock(release_mutex_);
    release = release_;
  }
  if (release) release(run);
}

void Runs::OnRelease(std::function<void(const Run&)> release) {
  std::lock_guard lock(release_mutex_);
  release_ = std::move(release);
}

Runs::Lookup Runs::Find(std::string_view id) const {
  const std::string key(id);
  std::lock_guard lock(mutex_);
  if (const auto live = live_.find(key); live != live_.end()) return {Found::kLive, live->second};
  return {ended_.contains(key) ? Found::kEnded : Found::kUnknown, nullptr};
}

absl::StatusOr<std::shared_ptr<Run>> Runs::Start(RunSpec spec) {
  if (!IsId(spec.id)) {
    return absl::InvalidArgumentError(
        fmt::format("`{}` is no run id: expected 1 to 64 letters, digits, `-` and `_`.", spec.id));
  }
  const std::string id = spec.id;
  auto run = std::make_shared<Run>(std::move(spec), journal_,
                                   [this](const Run& which) { Release(which); });
  {
    std::lock_guard lock(mutex_);
    if (ended_.contains(id) || !live_.emplace(id, run).second) {
      return absl::AlreadyExistsError(fmt::format("There is a run `{}` already.", id));
    }
  }
  if (halted_) run->Suspend();
  if (!journal_.Append(EventOf(*run))) {
    std::lock_guard lock(mutex_);
    live_.erase(id);
    return absl::UnavailableError(
        fmt::format("The run cannot be recorded and was not started. {}", journal_.failure()));
  }
  return run;
}

absl::StatusOr<std::shared_ptr<Run>> Runs::Finish(std::string_view id, absl::Duration patience) {
  const std::shared_ptr<Run> run = Find(id).run;
  if (run == nullptr || id == kDefault) {
    return absl::NotFoundError(fmt::format("There is no active run `{}`.", id));
  }
  {
    std::lock_guard lock(mutex_);
    if (live_.erase(std::string(id)) == 0) {
      return absl::NotFoundError(
          fmt::format("The run `{}` is being finished by somebody else.", id));
    }
    ended_.insert(std::string(id));
  }
  // What is held would otherwise outlast the patience.
  run->Disarm("the run has ended");
  run->WaitIdle(patience);
  for (v1::Injection& injection : run->Unreached()) run->Record(std::move(injection));
  return run;
}

std::vector<std::shared_ptr<Run>> Runs::Live() const {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Run>> live;
  for (const auto& [id, run] : live_) live.push_back(run);
  return live;
}

void Runs::Late(v1::Exchange exchange) {
  v1::Event event;
  *event.mutable_exchange() = std::move(exchange);
  journal_.Append(std::move(event));
}

uint32_t Runs::Halt() {
  halted_ = true;
  uint32_t released = 0;
  for (const std::shared_ptr<Run>& run : Live()) {
    released += run->held.load(std::memory_order_relaxed);
    run->Suspend();
  }
  return released;
}

void Runs::Resume() {
  halted_ = false;
  for (const std::shared_ptr<Run>& run : Live()) run->Unsuspend();
}

}  // namespace murphy::runs
