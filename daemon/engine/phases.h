// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/engine/track.h"

namespace murphy::engine {

// Where a run stands among the phases of its plan: in one of each track. Tracks go on beside each
// other, and what happens in one is for the others what happens in the run.
class Phases {
 public:
  // `progress` and `occurrences` are what phases count.
  Phases(const std::vector<scenario::Phase>& phases, const Progress& progress,
         const Occurrences& occurrences);

  // Whether a rule of this phase (-1: of all) is armed.
  bool Active(int phase) const { return phase < 0 || TrackOf(phase).Active(phase); }
  // The phase was active at some time.
  bool WasActive(int phase) const { return phase < 0 || TrackOf(phase).WasActive(phase); }
  // When the active phase of this one's track began; nullopt before the first exchange.
  std::optional<absl::Duration> begun(int phase) const { return TrackOf(phase).begun(); }
  // The first exchange has begun them.
  bool running() const { return !tracks_.empty() && tracks_.front().begun().has_value(); }
  // There are phases, the last of each track has ended, and none can begin any more.
  bool over() const;
  // Differs from phase to phase of this one's track, and from one time that a phase is active to the
  // next; and the same of all tracks together.
  uint64_t entry(int phase) const { return TrackOf(phase).entry(); }
  uint64_t entries() const;

  // As those of Track, for all of them.
  void BeginEvent();
  void Pass(absl::Duration now);
  std::string Count(absl::Duration now);

 private:
  const Track& TrackOf(int phase) const { return tracks_[phases_[phase].track]; }

  const std::vector<scenario::Phase>& phases_;
  std::vector<Track> tracks_;
};

}  // namespace murphy::engine
