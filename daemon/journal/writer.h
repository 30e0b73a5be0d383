// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "daemon/journal/inbox.h"
#include "daemon/journal/journal.h"
#include "daemon/journal/store.h"

namespace murphy::journal {

// The thread that writes. Entries are committed in groups: at once when nothing was committed for
// 20 ms or somebody waits, else after the rest of these 20 ms. When writing fails, what was
// accepted is kept and tried again on a newly opened file; nothing more is accepted meanwhile.
class Writer {
 public:
  using Subscriber = std::function<void(const std::vector<v1::Event>&)>;
  // `reopened` is called on the writer's thread whenever the file has been opened anew.
  Writer(std::string path, Options options, std::unique_ptr<Store> store,
         std::function<void()> reopened);
  // Writes what was accepted, if it can.
  ~Writer();

  bool Append(v1::Event event);
  // Commits a write of its own, after everything appended before, and waits for it. Null: only
  // waits.
  absl::Status Perform(std::function<absl::Status(Store&)> write);

  std::string failure() const;
  uint64_t revision() const { return revision_.load(std::memory_order_acquire); }
  uint64_t Subscribe(Subscriber subscriber);
  void Unsubscribe(uint64_t id);

 private:
  // An event, or a write that somebody waits for.
  struct Entry {
    Entry* next = nullptr;
    v1::Event event;
    // The next entry is about the same injection, which goes on from firing: one row for both.
    bool pairs = false;
    std::function<absl::Status(Store&)> write;
    std::unique_ptr<std::promise<absl::Status>> done;
  };

  using Group = std::vector<std::unique_ptr<Entry>>;

  void Loop();
  void TakeGroup();
  // Brings together what is said of one injection as it fires and of what becomes of it.
  static void Pair(Group& group);
  void CommitGroup();
  absl::Status WriteGroup();
  absl::Status Write(size_t& at);
  void Acknowledge();
  void Fail(const absl::Status& status);
  void DismissWaiting(const absl::Status& status);
  bool somebody_waits() const;
  // Removes some of what is too old or too much. True when there may be more.
  bool RemoveOld();

  const std::string path_;
  const Options options_;
  const std::function<void()> reopened_;
  Inbox<Entry> inbox_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> failed_{false};
  std::atomic<uint64_t> revision_{0};

  mutable std::mutex failure_mutex_;
  std::string failure_;
  std::mutex subscribers_mutex_;
  std::map<uint64_t, Subscriber> subscribers_;
  uint64_t next_subscriber_ = 1;

  // Of the thread alone.
  std::unique_ptr<Store> store_;
  std::deque<std::unique_ptr<Entry>> pending_;
  // Taken from the front of what is pending; stays until it is committed.
  Group group_;
  // Of the monotonic clock.
  absl::Duration last_commit_ = -absl::InfiniteDuration();
  absl::Duration next_removal_ = -absl::InfiniteDuration();
  std::thread thread_;
};

}  // namespace murphy::journal
