// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/writer.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace murphy::journal {
namespace {

constexpr size_t kGroup = 1000;
constexpr absl::Duration kGroupInterval = absl::Milliseconds(20);
constexpr absl::Duration kRetryInterval = absl::Milliseconds(100);
constexpr absl::Duration kRemovalInterval = absl::Seconds(60);
// Pieces removed before the writer looks for entries again.
constexpr int kPiecesAtOnce = 8;

absl::Duration Uptime() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::DurationFromTimespec(now);
}

}  // namespace

Writer::Writer(std::string path, Options options, std::unique_ptr<Store> store,
               std::function<void()> reopened)
    : path_(std::move(path)),
      options_(options),
      reopened_(std::move(reopened)),
      inbox_(options.queue),
      revision_(store->revision()),
      store_(std::move(store)),
      thread_([this] { Loop(); }) {}

Writer::~Writer() {
  stopping_.store(true);
  inbox_.Wake();
  thread_.join();
}

bool Writer::Append(v1::Event event) {
  if (failed_.load(std::memory_order_acquire)) return false;
  auto entry = std::make_unique<Entry>();
  entry->event = std::move(event);
  return inbox_.TryPush(std::move(entry));
}

absl::Status Writer::Perform(std::function<absl::Status(Store&)> write) {
  auto entry = std::make_unique<Entry>();
  entry->write = std::move(write);
  entry->done = std::make_unique<std::promise<absl::Status>>();
  std::future<absl::Status> done = entry->done->get_future();
  inbox_.PushUrgent(std::move(entry));
  return done.get();
}

std::string Writer::failure() const {
  const std::lock_guard lock(failure_mutex_);
  return failure_;
}

uint64_t Writer::Subscribe(Subscriber subscriber) {
  const std::lock_guard lock(subscribers_mutex_);
  subscribers_.emplace(next_subscriber_, std::move(subscriber));
  return next_subscriber_++;
}

void Writer::Unsubscribe(uint64_t id) {
  const std::lock_guard lock(subscribers_mutex_);
  subscribers_.erase(id);
}

void Writer::Loop() {
  while (true) {
    // Read first: what was pushed before the stop is still taken.
    const bool stopping = stopping_.load();
    for (auto& entry : inbox_.Take()) pending_.push_back(std::move(entry));
    if (pending_.empty() && group_.empty() && !failed_.load()) {
      if (stopping) return;
      inbox_.WaitForEntry(RemoveOld() ? absl::ZeroDuration() : kRemovalInterval);
      continue;
    }
    const absl::Duration wait =
        (failed_.load() ? kRetryInterval : kGroupInterval) - (Uptime() - last_commit_);
    const bool urgent = stopping || pending_.size() >= kGroup || somebody_waits();
    if (wait > absl::ZeroDuration() && !urgent) {
      inbox_.Pause(wait);
      continue;
    }
    CommitGroup();
    if (!failed_.load()) RemoveOld();
    if (failed_.load() && stopping) return;
  }
}

bool Writer::somebody_waits() const {
  const auto waits = [](const auto& entry) { return entry->done != nullptr; };
  return std::any_of(pending_.rbegin(), pending_.rend(), waits) ||
         std::any_of(group_.begin(), group_.end(), waits);
}

void Writer::TakeGroup() {
  if (!group_.empty()) return;
  const size_t size = std::min(pending_.size(), kGroup);
  group_.insert(group_.end(), std::make_move_iterator(pending_.begin()),
                std::make_move_iterator(pending_.begin() + static_cast<ptrdiff_t>(size)));
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<ptrdiff_t>(size));
  Pair(group_);
}

void Writer::Pair(Group& group) {
  absl::flat_hash_map<std::pair<std::string_view, uint64_t>, size_t> fired;
  std::vector<std::unique_ptr<Entry>> later(group.size());
  for (size_t i = 0; i < group.size(); ++i) {
    if (!group[i]->event.has_injection()) continue;
    const v1::Injection& injection = group[i]->event.injection();
    const std::pair<std::string_view, uint64_t> name(injection.run(), injection.id());
    if (injection.state() == v1::INJECTION_STATE_FIRED) {
      fired[name] = i;
    } else if (const auto found = fired.find(name); found != fired.end()) {
      const size_t first = found->second;
      fired.erase(found);
      later[first] = std::move(group[i]);
      group[i] = nullptr;
      group[first]->pairs = true;
    }
  }
  Group ordered;
  ordered.reserve(group.size());
  for (size_t i = 0; i < group.size(); ++i) {
    if (group[i] != nullptr) ordered.push_back(std::move(group[i]));
    if (later[i] != nullptr) ordered.push_back(std::move(later[i]));
  }
  group = std::move(ordered);
}

void Writer::CommitGroup() {
  TakeGroup();
  last_commit_ = Uptime();
  if (const absl::Status status = WriteGroup(); !status.ok()) {
    Fail(status);
    return;
  }
  if (failed_.exchange(false)) {
    const std::lock_guard lock(failure_mutex_);
    failure_.clear();
  }
  Acknowledge();
}

absl::Status Writer::WriteGroup() {
  if (store_ == nullptr) {
    auto store = Store::Open(path_, revision_.load());
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    reopened_();
  }
  absl::Status status = store_->Begin();
  for (size_t i = 0; status.ok() && i < group_.size(); ++i) status = Write(i);
  if (status.ok()) status = store_->Commit();
  return status;
}

absl::Status Writer::Write(size_t& at) {
  Entry& entry = *group_[at];
  if (entry.done != nullptr) return entry.write ? entry.write(*store_) : absl::OkStatus();
  if (!entry.pairs) return store_->Put(entry.event);
  return store_->PutPair(entry.event, group_[++at]->event);
}

void Writer::Acknowledge() {
  revision_.store(store_->revision(), std::memory_order_release);
  std::vector<v1::Event> events;
  events.reserve(group_.size());
  for (const auto& entry : group_) {
    if (entry->done == nullptr) events.push_back(std::move(entry->event));
  }
  inbox_.Done(group_.size());
  if (!events.empty()) {
    const std::lock_guard lock(subscribers_mutex_);
    for (const auto& [id, subscriber] : subscribers_) subscriber(events);
  }
  for (const auto& entry : group_) {
    if (entry->done != nullptr) entry->done->set_value(absl::OkStatus());
  }
  group_.clear();
}

void Writer::Fail(const absl::Status& status) {
  // The file may have been moved away or replaced: the next attempt opens what is there then.
  store_.reset();
  const std::string failure =
      absl::StrCat("Nothing is recorded: the journal ", path_, ": ", status.message(),
                   ". Traffic passes untouched. ",
                   "Recording goes on by itself when the file can be written again.");
  {
    const std::lock_guard lock(failure_mutex_);
    failure_ = failure;
  }
  failed_.store(true, std::memory_order_release);
  DismissWaiting({status.code(), failure});
}

// Whoever waits is told of the failure; events stay.
void Writer::DismissWaiting(const absl::Status& status) {
  for (auto& entry : inbox_.Take()) pending_.push_back(std::move(entry));
  const auto dismiss = [&status](const auto& entry) {
    if (entry->done == nullptr) return false;
    entry->done->set_value(status);
    return true;
  };
  inbox_.Done(std::erase_if(group_, dismiss) + std::erase_if(pending_, dismiss));
}

bool Writer::RemoveOld() {
  // Age is looked at once in a while, size after each group.
  const absl::Duration now = Uptime();
  const absl::Time cutoff =
      now < next_removal_ ? absl::InfinitePast() : absl::Now() - options_.retention;
  for (int i = 0; i < kPiecesAtOnce; ++i) {
    const absl::StatusOr<bool> removed = store_->RemoveOld(cutoff, options_.max_bytes);
    if (!removed.ok()) {
      Fail(removed.status());
      return false;
    }
    if (!*removed) {
      if (cutoff != absl::InfinitePast()) next_removal_ = now + kRemovalInterval;
      return false;
    }
  }
  return true;
}

}  // namespace murphy::journal
