// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <semaphore.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "absl/time/time.h"

namespace murphy::journal {

// What waits for one consumer: a bounded, lock-free list to which any thread appends in order, and
// which the consumer takes whole. (A list that is only ever taken whole has no ABA problem and
// needs no node pool, which is why this is not a boost::lockfree::queue; that one also has plain
// reads in its free list that ThreadSanitizer reports.)
//
// `Entry` has a member `Entry* next`.
template <typename Entry>
class Inbox {
 public:
  explicit Inbox(size_t capacity) : capacity_(capacity) { sem_init(&wake_, 0, 0); }
  ~Inbox() {
    Take();
    sem_destroy(&wake_);
  }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  // False, and the entry is gone, when `capacity` entries wait or are being written (see Done).
  bool TryPush(std::unique_ptr<Entry> entry) {
    if (count_.fetch_add(1, std::memory_order_relaxed) >= capacity_) {
      count_.fetch_sub(1, std::memory_order_relaxed);
      return false;
    }
    Link(entry.release());
    return true;
  }

  // For entries of which there are few: not limited. Wakes the consumer from a Pause as well.
  void PushUrgent(std::unique_ptr<Entry> entry) {
    count_.fetch_add(1, std::memory_order_relaxed);
    Link(entry.release());
    Wake();
  }

  void Wake() { sem_post(&wake_); }

  // What follows is for the consumer. Everything pushed so far, in order.
  std::vector<std::unique_ptr<Entry>> Take() {
    std::vector<std::unique_ptr<Entry>> entries;
    for (Entry* entry = head_.exchange(nullptr, std::memory_order_acquire); entry != nullptr;
         entry = entry->next) {
      entries.emplace_back(entry);
    }
    std::reverse(entries.begin(), entries.end());
    return entries;
  }

  // Entries that were taken make room for others.
  void Done(size_t entries) { count_.fetch_sub(entries, std::memory_order_relaxed); }

  // Sleeps until something is pushed, Wake is called, or `patience` is over.
  void WaitForEntry(absl::Duration patience) {
    idle_.store(true, std::memory_order_seq_cst);
    if (head_.load(std::memory_order_seq_cst) == nullptr) Sleep(patience);
    idle_.store(false, std::memory_order_relaxed);
  }

  // Sleeps until an urgent entry is pushed, Wake is called, or `patience` is over.
  void Pause(absl::Duration patience) { Sleep(patience); }

 private:
  void Link(Entry* entry) {
    entry->next = head_.load(std::memory_order_relaxed);
    while (!head_.compare_exchange_weak(entry->next, entry, std::memory_order_seq_cst,
                                        std::memory_order_relaxed)) {
    }
    if (idle_.load(std::memory_order_seq_cst) && idle_.exchange(false, std::memory_order_relaxed))
      Wake();
  }

  void Sleep(absl::Duration patience) {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const timespec deadline = absl::ToTimespec(absl::DurationFromTimespec(now) + patience);
    sem_clockwait(&wake_, CLOCK_MONOTONIC, &deadline);
  }

  const size_t capacity_;
  std::atomic<size_t> count_{0};
  std::atomic<Entry*> head_{nullptr};
  std::atomic<bool> idle_{false};
  sem_t wake_;
};

}  // namespace murphy::journal
