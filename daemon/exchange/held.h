// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace murphy::exchange {

// What all bodies that a daemon holds may come to, together.
//
// Threads: any.
class HeldLimit {
 public:
  explicit HeldLimit(uint64_t most) : most_(most) {}

  bool Take(uint64_t bytes) {
    if (held_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= most_) return true;
    Give(bytes);
    return false;
  }
  void Give(uint64_t bytes) { held_.fetch_sub(bytes, std::memory_order_relaxed); }
  uint64_t held() const { return held_.load(std::memory_order_relaxed); }

 private:
  const uint64_t most_;
  std::atomic<uint64_t> held_{0};
};

// One exchange's part of it; given back when it is destroyed.
class HeldShare {
 public:
  explicit HeldShare(HeldLimit& limit) : limit_(limit) {}
  ~HeldShare() { limit_.Give(bytes_); }
  HeldShare(const HeldShare&) = delete;
  HeldShare& operator=(const HeldShare&) = delete;

  // False: there is no room for as much.
  bool Grow(uint64_t bytes) {
    if (!limit_.Take(bytes)) return false;
    bytes_ += bytes;
    return true;
  }
  void Release() { limit_.Give(std::exchange(bytes_, 0)); }

 private:
  HeldLimit& limit_;
  uint64_t bytes_ = 0;
};

}  // namespace murphy::exchange
