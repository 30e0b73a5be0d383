// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/track.h"

#include <algorithm>
#include <utility>

namespace murphy::engine {

Track::Track(const std::vector<scenario::Phase>& phases, std::vector<int> members,
             const Progress& progress, const Occurrences& occurrences)
    : phases_(phases),
      members_(std::move(members)),
      progress_(progress),
      occurrences_(occurrences),
      entered_(phases.size()),
      left_(phases.size()) {}

bool Track::over() const {
  if (!begun_.has_value() || current_ >= 0) return false;
  return std::none_of(members_.begin(), members_.end(), [this](int member) {
    return phases_[member].enter.has_value() || phases_[member].enter_on >= 0;
  });
}

void Track::Pass(absl::Duration now) {
  if (!begun_.has_value()) Enter(members_.front(), now);
  // Bounded: after as many steps as there are phases, a loop has been found and skipped.
  while (current_ >= 0) {
    const std::optional<absl::Duration> end = EndByTime();
    if (!end.has_value() || *end > now) return;
    Enter(phases_[current_].next, *end);
    SkipRounds(now);
  }
}

std::string Track::Count(absl::Duration now) {
  if (!begun_.has_value()) return {};
  if (transitions_ == 0) way_.clear();
  for (std::optional<int> due = Due(now); due.has_value(); due = Due(now)) {
    way_ += (current_ < 0 ? "none" : phases_[current_].name) + " → ";
    if (transitions_ == kMostTransitions) return way_ + "…";
    ++transitions_;
    Enter(*due, now);
  }
  return {};
}

std::optional<int> Track::Due(absl::Duration now) const {
  for (const int member : members_) {
    if (member != current_ && IsEntered(static_cast<size_t>(member))) return member;
  }
  if (current_ < 0 || !HasEnded(now)) return std::nullopt;
  return phases_[current_].next;
}

bool Track::IsEntered(size_t phase) const {
  const std::optional<scenario::Milestone>& enter = phases_[phase].enter;
  if (enter.has_value()) {
    const auto& left = left_[phase].tallies;
    const scenario::Tally before = left.empty() ? scenario::Tally() : left.front();
    if (enter->CountsReached(progress_.Of(enter->of) - before)) return true;
  }
  return HasHappened(phases_[phase].enter_on, left_[phase]);
}

bool Track::HasEnded(absl::Duration now) const {
  const scenario::Phase& phase = phases_[current_];
  if (HasHappened(phase.until_on, base_)) return true;
  for (size_t i = 0; i < phase.until.size(); ++i) {
    const std::optional<absl::Duration>& time = phase.until[i].time;
    if (CountsReached(i) && (!time.has_value() || now - *begun_ >= *time)) return true;
  }
  return false;
}

bool Track::HasHappened(int on, const Mark& since) const {
  return on >= 0 && occurrences_.Often(static_cast<uint32_t>(on), since.occurrences);
}

std::optional<absl::Duration> Track::EndByTime() const {
  const scenario::Phase& phase = phases_[current_];
  absl::Duration length = phase.duration.value_or(absl::InfiniteDuration());
  for (size_t i = 0; i < phase.until.size(); ++i) {
    const std::optional<absl::Duration>& time = phase.until[i].time;
    if (time.has_value() && CountsReached(i)) length = std::min(length, *time);
  }
  if (length == absl::InfiniteDuration()) return std::nullopt;
  return *begun_ + length;
}

bool Track::CountsReached(size_t until) const {
  const scenario::Milestone& milestone = phases_[current_].until[until];
  return milestone.CountsReached(progress_.Of(milestone.of) - base_.tallies[until]);
}

Track::Mark Track::MarkOf(std::span<const scenario::Milestone> milestones, int on) const {
  Mark mark;
  for (const scenario::Milestone& milestone : milestones)
    mark.tallies.push_back(progress_.Of(milestone.of));
  if (on >= 0) mark.occurrences = occurrences_.Count(static_cast<uint32_t>(on));
  return mark;
}

void Track::Enter(int phase, absl::Duration at) {
  if (current_ >= 0) {
    const scenario::Phase& ending = phases_[current_];
    const auto* enter = ending.enter.has_value() ? &*ending.enter : nullptr;
    left_[current_] = MarkOf({enter, enter == nullptr ? size_t{0} : size_t{1}}, ending.enter_on);
  }
  current_ = phase;
  begun_ = at;
  ++entry_;
  if (phase < 0) return;
  entered_[phase] = true;
  base_ = MarkOf(phases_[phase].until, phases_[phase].until_on);
}

void Track::SkipRounds(absl::Duration now) {
  if (current_ < 0) return;
  const absl::Duration period = phases_[current_].period;
  if (period == absl::InfiniteDuration() || now - *begun_ < period) return;
  const int first = current_;
  absl::Duration rest;
  absl::IDivDuration(now - *begun_, period, &rest);
  do Enter(phases_[current_].next, now - rest);
  while (current_ != first);
}

}  // namespace murphy::engine
