// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/runs.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/ascii.h"

namespace murphy::runs {
namespace {

constexpr std::string_view kDefault = "default";
// Some ticks of the gateway's watchdog.
constexpr absl::Duration kNoticeLeaving = absl::Milliseconds(300);

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

Runs::Runs(journal::Journal& journal, RouteTable routes, const std::vector<v1::Run>& ended,
           Prices prices)
    : journal_(journal), routes_(std::move(routes)), prices_(std::move(prices)) {
  forgot_ = ended.size() > kMostEnded;
  for (size_t i = std::min(ended.size(), kMostEnded); i-- > 0;) {
    if (ended[i].id() != kDefault) KeepEnded(ended[i].id(), RoutesOf(ended[i]));
  }
  RunSpec spec{.id = std::string(kDefault), .routes = routes_};
  Directory first;
  first.emplace(kDefault, Make(std::move(spec)));
  Publish(std::move(first));
}

Runs::~Runs() = default;

std::shared_ptr<Run> Runs::Make(RunSpec spec) {
  spec.prices = &prices_;
  auto run =
      std::make_shared<Run>(std::move(spec), journal_,
                            Run::Calls{.release = [this](const Run& which) { Release(which); },
                                       .due =
                                           [this](Run& which, absl::Duration at) {
                                             std::lock_guard lock(due_mutex_);
                                             due_.push({which.TimeOf(at), which.weak_from_this()});
                                           }});
  run->TellDue();
  return run;
}

std::vector<std::shared_ptr<Run>> Runs::Pass() {
  std::vector<std::shared_ptr<Run>> due, over;
  {
    const auto now = std::chrono::steady_clock::now();
    std::lock_guard lock(due_mutex_);
    for (; !due_.empty() && due_.top().at <= now; due_.pop()) {
      if (std::shared_ptr<Run> run = due_.top().run.lock()) due.push_back(std::move(run));
    }
  }
  for (const std::shared_ptr<Run>& run : due) {
    if (run->Pass()) over.push_back(run);
  }
  return over;
}

// Null where a run had no routes of its own.
std::shared_ptr<const RouteTable> Runs::RoutesOf(const v1::Run& run) const {
  if (run.own_routes().empty()) return nullptr;
  RouteTable routes = routes_;
  for (const auto& [name, url] : run.own_routes()) {
    const auto known = routes_.find(name);
    const std::string provider = known == routes_.end() ? "" : known->second->provider;
    const auto route = ParseRoute(name, url, provider, false);
    if (route.ok()) routes[name] = std::make_shared<const Route>(*route);
  }
  return std::make_shared<const RouteTable>(std::move(routes));
}

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

void Runs::Publish(Directory changed) {
  live_ = std::make_shared<const Directory>(std::move(changed));
  version_.fetch_add(1, std::memory_order_release);
}

Runs::Lookup Runs::Find(std::string_view id, View& view) const {
  if (const uint64_t now = version_.load(std::memory_order_acquire); view.version != now) {
    std::lock_guard lock(mutex_);
    view = {version_.load(std::memory_order_relaxed), live_};
  }
  if (const auto live = view.directory->find(id); live != view.directory->end()) {
    return {Found::kLive, live->second, nullptr};
  }
  // Rare: traffic of a run that is over, or of none.
  std::lock_guard lock(mutex_);
  const auto over = ended_.find(std::string(id));
  if (over == ended_.end()) return {};
  return {Found::kEnded, nullptr, over->second};
}

Runs::Lookup Runs::Find(std::string_view id) const {
  View view;
  return Find(id, view);
}

void Runs::KeepEnded(std::string id, std::shared_ptr<const RouteTable> routes) {
  if (!ended_.emplace(id, std::move(routes)).second) return;
  ended_order_.push_back(std::move(id));
  if (ended_order_.size() <= kMostEnded) return;
  ended_.erase(ended_order_.front());
  ended_order_.pop_front();
  forgot_ = true;
}

absl::StatusOr<bool> Runs::IsTaken(const std::string& id) {
  {
    std::lock_guard lock(mutex_);
    if (ended_.contains(id) || live_->contains(id)) return true;
    if (!forgot_) return false;
  }
  const auto recorded = journal_.FindRun(id);
  if (!recorded.ok()) return recorded.status();
  return recorded->has_value();
}

absl::StatusOr<std::shared_ptr<Run>> Runs::Start(RunSpec spec) {
  if (!IsId(spec.id)) {
    return absl::InvalidArgumentError(
        fmt::format("`{}` is no run id: expected 1 to 64 letters, digits, `-` and `_`.", spec.id));
  }
  const std::string id = spec.id;
  const auto exists = [&id] {
    return absl::AlreadyExistsError(fmt::format("There is a run `{}` already.", id));
  };
  const absl::StatusOr<bool> taken = IsTaken(id);
  if (!taken.ok()) return taken.status();
  if (*taken) return exists();
  const std::shared_ptr<Run> run = Make(std::move(spec));
  {
    std::lock_guard lock(mutex_);
    // Meanwhile, by somebody else.
    if (ended_.contains(id) || live_->contains(id)) return exists();
    Directory changed = *live_;
    changed.emplace(id, run);
    Publish(std::move(changed));
  }
  if (halted_) run->Suspend();
  if (!journal_.Append(EventOf(*run))) {
    Remove(id);
    return absl::UnavailableError(
        fmt::format("The run cannot be recorded and was not started. {}", journal_.failure()));
  }
  return run;
}

bool Runs::Remove(std::string_view id) {
  std::lock_guard lock(mutex_);
  Directory changed = *live_;
  const auto found = changed.find(id);
  if (found == changed.end()) return false;
  KeepEnded(std::string(id), RoutesOf(found->second->Describe()));
  changed.erase(found);
  Publish(std::move(changed));
  return true;
}

absl::StatusOr<std::shared_ptr<Run>> Runs::Finish(std::string_view id, absl::Duration patience) {
  const std::shared_ptr<Run> run = Find(id).run;
  if (run == nullptr || id == kDefault) {
    return absl::NotFoundError(fmt::format("There is no active run `{}`.", id));
  }
  if (!Remove(id)) {
    return absl::NotFoundError(fmt::format("The run `{}` is being finished by somebody else.", id));
  }
  // Asked first: the end of the run is not what kept a rule from firing.
  std::vector<v1::Injection> unreached = run->Unreached();
  // An agent that has just left is noticed within a moment, and what held it counts as delivered;
  // what is still held after that would outlast the patience.
  run->StopDeciding("the run has ended");
  run->WaitIdle(kNoticeLeaving);
  run->Disarm(v1::DISARM_CAUSE_ENDED, "the run has ended");
  run->WaitIdle(patience);
  for (v1::Injection& injection : unreached) run->Record(std::move(injection));
  return run;
}

std::vector<std::shared_ptr<Run>> Runs::Live() const {
  std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Run>> live;
  for (const auto& [id, run] : *live_) live.push_back(run);
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
