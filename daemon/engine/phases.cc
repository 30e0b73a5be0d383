// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/phases.h"

#include <algorithm>
#include <utility>

namespace murphy::engine {

Phases::Phases(const std::vector<scenario::Phase>& phases, const Progress& progress,
               const Occurrences& occurrences)
    : phases_(phases) {
  std::vector<std::vector<int>> members;
  for (size_t i = 0; i < phases.size(); ++i) {
    if (members.size() <= phases[i].track) members.resize(phases[i].track + 1);
    members[phases[i].track].push_back(static_cast<int>(i));
  }
  for (std::vector<int>& own : members)
    tracks_.emplace_back(phases, std::move(own), progress, occurrences);
}

bool Phases::over() const {
  return !tracks_.empty() && std::all_of(tracks_.begin(), tracks_.end(),
                                         [](const Track& track) { return track.over(); });
}

uint64_t Phases::entries() const {
  uint64_t entries = 0;
  for (const Track& track : tracks_) entries += track.entry();
  return entries;
}

void Phases::BeginEvent() {
  for (Track& track : tracks_) track.BeginEvent();
}

void Phases::Pass(absl::Duration now) {
  for (Track& track : tracks_) track.Pass(now);
}

std::string Phases::Count(absl::Duration now) {
  std::string first;
  for (Track& track : tracks_) {
    std::string way = track.Count(now);
    if (first.empty()) first = std::move(way);
  }
  return first;
}

}  // namespace murphy::engine
