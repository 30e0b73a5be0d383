// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "daemon/engine/stop.h"
#include "daemon/engine/step.h"
#include "daemon/scenario/glob.h"
#include "murphy/v1/guard.pb.h"

namespace murphy::engine {

// The limits of a scenario's `[guard]`, with their defaults, and how much of them a run has used.
class Guard {
 public:
  // The share counts over this many exchanges of a target, from this one on; from the first one on
  // where it would allow none of so many.
  static constexpr size_t kWindow = 100;
  static constexpr size_t kFirstJudged = 20;

  // `stops_of`: for each of its stop conditions the index of its target, or -1.
  Guard(const v1::Guard& spec, size_t targets, const std::vector<int>& stops_of,
        absl::Duration armed_at);

  // Which limit was reached, as a sentence; empty while none is. It stays, unless the last of the
  // injections turns out to have changed nothing.
  const std::string& reached() const { return reached_; }

  // Injections of the runs of its experiment before this one; and of this one.
  void Continue(uint64_t injections);
  uint64_t injections() const { return injections_; }

  void Pass(absl::Duration now);
  // When time will have reached a limit; infinite when one is reached.
  absl::Duration Due() const { return reached_.empty() ? end_ : absl::InfiniteDuration(); }
  void Spend(const std::vector<uint32_t>& targets, const Spent& spent);
  // A fault fires on an exchange of these targets.
  void Inject(const std::vector<uint32_t>& targets);
  // One that had fired has changed nothing.
  void TakeBack(const std::vector<uint32_t>& targets);

  // So many more injections are allowed.
  bool Leaves(uint32_t injections) const {
    return injections_left_ >= injections && shared_left_ >= injections;
  }
  // So many more are allowed now, of those of the last 60 s.
  bool LeavesInMinute(uint32_t injections) const;
  // Faults may act on what goes to this host.
  bool AllowsUpstream(std::string_view host) const;
  // What keeps one more exchange of these targets (of none: of the rest) from being injected.
  Limit Stopping(const std::vector<uint32_t>& targets) const;
  // Exchange number `sequence` has been decided; none of its injections has changed anything.
  void Record(const std::vector<uint32_t>& targets, uint64_t sequence, bool injected);
  void LeftAlone(const std::vector<uint32_t>& targets, uint64_t sequence);

 private:
  // The last exchanges of one target.
  struct Window {
    std::bitset<kWindow> injected;
    std::array<uint64_t, kWindow> sequences = {};
    uint64_t seen = 0;
  };
  void UseUp();
  bool ShareAllows(const Window& window) const;
  static void Push(Window& window, uint64_t sequence, bool injected);
  template <typename Act>
  void ForWindows(const std::vector<uint32_t>& targets, Act act);

  absl::Duration end_;
  absl::Duration now_;
  // When injections began that are younger than 60 s; none without `max_per_minute`.
  std::deque<absl::Duration> recent_;
  uint32_t injections_left_;
  // Of those of the whole experiment.
  uint64_t shared_left_;
  uint64_t injections_ = 0;
  // One of these was the limit that was reached.
  bool used_up_ = false;
  uint64_t max_tokens_;
  double max_share_;
  const v1::Guard& spec_;
  uint64_t tokens_ = 0;
  double cost_ = 0;
  std::string reached_;
  // Per target; the last one is for exchanges without any. Empty when every share is allowed.
  std::vector<Window> windows_;
  // Injections on each target; empty without `max_per_target`.
  std::vector<uint32_t> injected_;
  std::vector<scenario::Glob> upstreams_;
  std::vector<StopWatch> stops_;
};

}  // namespace murphy::engine
