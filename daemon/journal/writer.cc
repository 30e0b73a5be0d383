// SPDX-License-Identifier: Apache-2.0
#include "daemon/journal/writer.h"

#include <algorithm>
#include <utility>

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
    if (pending_.empty() && !failed_.load()) {
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
  return std::any_of(pending_.rbegin(), pending_.rend(),
                     [](const auto& entry) { return entry->done != nullptr; });
}

void Writer::CommitGroup() {
  const size_t size = std::min(pending_.size(), kGroup);
  last_commit_ = Uptime();
  if (const absl::Status status = WriteGroup(size); !status.ok()) {
    Fail(status);
    return;
  }
  if (failed_.exchange(false)) {
    const std::lock_guard lock(failure_mutex_);
    failure_.clear();
  }
  Acknowledge(size);
}

absl::Status Writer::WriteGroup(size_t size) {
  if (store_ == nullptr) {
    auto store = Store::Open(path_, revision_.load());
    if (!store.ok()) return store.status();
    store_ = *std::move(store);
    reopened_();
  }
  absl::Status status = store_->Begin();
  for (size_t i = 0; status.ok() && i < size; ++i) {
    Entry& entry = *pending_[i];
    if (entry.done == nullptr) {
      status = store_->Put(entry.event);
    } else if (entry.write) {
      status = entry.write(*store_);
    }
  }
  if (status.ok()) status = store_->Commit();
  return status;
}

void Writer::Acknowledge(size_t size) {
  revision_.store(store_->revision(), std::memory_order_release);
  std::vector<v1::Event> events;
  std::vector<std::unique_ptr<Entry>> waiting;
  for (size_t i = 0; i < size; ++i) {
    std::unique_ptr<Entry> entry = std::move(pending_.front());
    pending_.pop_front();
    if (entry->done == nullptr) {
      events.push_back(std::move(entry->event));
    } else {
      waiting.push_back(std::move(entry));
    }
  }
  inbox_.Done(size);
  if (!events.empty()) {
    const std::lock_guard lock(subscribers_mutex_);
    for (const auto& [id, subscriber] : subscribers_) subscriber(events);
  }
  for (const auto& entry : waiting) entry->done->set_value(absl::OkStatus());
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
  const size_t taken = pending_.size();
  std::erase_if(pending_, [&status](const auto& entry) {
    if (entry->done == nullptr) return false;
    entry->done->set_value(status);
    return true;
  });
  inbox_.Done(taken - pending_.size());
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
