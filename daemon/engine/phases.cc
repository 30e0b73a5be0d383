// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/phases.h"

#include <algorithm>

namespace murphy::engine {

void Phases::Pass(const Progress& progress, absl::Duration now) {
  if (phases_.empty()) return;
  if (!begun_.has_value()) Enter(0, progress, now);
  // Phases never come back: the loop is bounded by their number.
  while (current_ < phases_.size()) {
    const std::optional<absl::Duration> end = EndByTime(progress);
    if (!end.has_value() || *end > now) return;
    Enter(current_ + 1, progress, *end);
  }
}

void Phases::Count(const Progress& progress, absl::Duration now) {
  for (int i = 0; i < kMostTransitions && current_ < phases_.size(); ++i) {
    const std::optional<Milestone>& until = phases_[current_].until;
    if (!until.has_value() || !CountsReached(progress)) return;
    if (until->time.has_value() && now - *begun_ < *until->time) return;
    Enter(current_ + 1, progress, now);
  }
}

std::optional<absl::Duration> Phases::EndByTime(const Progress& progress) const {
  const Phase& phase = phases_[current_];
  absl::Duration length = absl::InfiniteDuration();
  if (phase.duration.has_value()) length = *phase.duration;
  if (phase.until.has_value() && phase.until->time.has_value() && CountsReached(progress)) {
    length = std::min(length, *phase.until->time);
  }
  if (length == absl::InfiniteDuration()) return std::nullopt;
  return *begun_ + length;
}

bool Phases::CountsReached(const Progress& progress) const {
  const Milestone& until = *phases_[current_].until;
  return until.CountsReached(progress.Of(until.of) - base_);
}

void Phases::Enter(size_t phase, const Progress& progress, absl::Duration at) {
  current_ = phase;
  begun_ = at;
  if (phase < phases_.size() && phases_[phase].until.has_value()) {
    base_ = progress.Of(phases_[phase].until->of);
  }
}

}  // namespace murphy::engine
