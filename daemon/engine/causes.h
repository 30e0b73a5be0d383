// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/engine/progress.h"
#include "daemon/scenario/coordination.h"
#include "faults/rng.h"
#include "murphy/v1/coordination.pb.h"
#include "murphy/v1/realised.pb.h"

namespace murphy::engine {

class Occurrences;

// What a rule that follows a cause did with an exchange that came to it.
struct Followed {
  uint32_t rule = 0;
  bool fired = false;
};

// The hidden causes of one run, and what came of them.
class Causes {
 public:
  // Followers of one cause of which pairs are kept.
  static constexpr size_t kMostPaired = 16;

  Causes(const std::vector<scenario::Cause>& causes, uint64_t seed, uint32_t run_index);

  // Exchange number `sequence` has begun: each cause that looks at it takes a step. `progress` is
  // what came before.
  void Step(const std::vector<uint32_t>& targets, uint64_t sequence, absl::Duration now,
            const Progress& progress, const Occurrences& occurrences);
  bool On(uint32_t cause) const { return states_[cause].on; }

  // An exchange has been decided.
  void Note(const std::vector<Followed>& followed);

  void Realise(const std::vector<std::string>& rules, v1::Realised& realised) const;

 private:
  struct Follower {
    uint64_t on = 0, fired_on = 0, off = 0, fired_off = 0;
    // What it did last.
    std::optional<bool> last;
  };
  struct Pair {
    uint64_t both = 0, only_first = 0, only_second = 0, neither = 0;
  };
  struct State {
    bool on = false;
    uint64_t steps_on = 0, steps_off = 0;
    // Of a window: the number of the first exchange in it, and when it began.
    std::optional<uint64_t> first;
    absl::Duration begun;
    bool over = false;
    std::vector<Follower> followers;
    // Of followers i < j: at j * (j - 1) / 2 + i.
    std::vector<Pair> pairs;
  };

  bool WindowIsOpen(const scenario::Cause& cause, State& state, uint64_t sequence,
                    absl::Duration now, const Progress& progress) const;
  bool ChainIsOn(const scenario::Cause& cause, const State& state) const;
  void NotePairs(const std::vector<bool>& tried, State& state) const;

  const std::vector<scenario::Cause>& causes_;
  const uint64_t seed_;
  const uint32_t run_index_;
  std::vector<State> states_;
};

}  // namespace murphy::engine
