// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedules/planner/planner.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "faults/rng.h"

namespace murphy::schedules {
namespace {

// A clock that is stepped back by less than this is waited for.
constexpr absl::Duration kStep = absl::Minutes(1);
// How long nobody may have looked at the clock: what was planned between its being set back and
// that being noticed comes due.
constexpr absl::Duration kGrain = absl::Seconds(1);
// Planned times among which the next starts are looked for.
constexpr int kMostAhead = 1000;

// Skipped ones in a row are told together; missed ones one by one, until there are many.
void Tell(absl::Time planned, Fate fate, std::vector<Planned>& taken) {
  const bool crowded = taken.size() >= Planner::kMostTold;
  for (auto told = taken.rbegin(); told != taken.rend(); ++told) {
    if (!crowded && (fate == Fate::kMissed || told->fate != fate)) break;
    if (told->fate != fate) continue;
    ++told->more;
    told->last = planned;
    return;
  }
  taken.push_back({.planned = planned, .fate = fate, .last = planned});
}

}  // namespace

absl::Time Timing::DueAt(absl::Time planned) const {
  if (jitter <= absl::ZeroDuration()) return planned;
  const absl::Duration most = std::min(jitter, calendar.Next(planned) - planned);
  const Draw draw(seed, 0, name, absl::StrCat(absl::ToUnixSeconds(planned)));
  return planned + absl::Floor(most * draw.Unit("jitter"), absl::Milliseconds(1));
}

Planner::Planner(Timing timing, absl::Time evaluated, const std::vector<absl::Time>& started)
    : timing_(std::move(timing)), evaluated_(evaluated) {
  for (const absl::Time time : started) Remember(time);
}

void Planner::Remember(absl::Time planned) {
  if (!started_.insert(planned).second) return;
  order_.push_back(planned);
  if (order_.size() <= kMostStarted) return;
  started_.erase(order_.front());
  order_.pop_front();
}

bool Planner::Started(absl::Time planned) const {
  // Of what is older than everything remembered, nobody knows.
  if (started_.size() == kMostStarted && planned < *started_.begin()) return true;
  return started_.contains(planned);
}

Fate Planner::FateOf(absl::Time planned, absl::Time now) const {
  const absl::Time due = timing_.DueAt(planned);
  // Late, it starts in another place of the calendar than planned.
  const bool late = now - due > timing_.deadline;
  for (const absl::Time time : {due, late ? due : now}) {
    switch (timing_.calendar.At(time)) {
      case Calendar::Openness::kOutsideWindow:
        return Fate::kOutsideWindow;
      case Calendar::Openness::kBlackout:
        return Fate::kBlackout;
      case Calendar::Openness::kOpen:
        break;
    }
  }
  return late ? Fate::kMissed : Fate::kStart;
}

std::vector<Planned> Planner::Take(absl::Time now) {
  if (now < evaluated_ - kStep) evaluated_ = now - kGrain;
  std::vector<Planned> taken;
  std::optional<absl::Time> start;
  for (int i = 0;; ++i) {
    const absl::Time planned = timing_.calendar.Next(evaluated_);
    if (planned > now || timing_.DueAt(planned) > now) break;
    if (i == kMostPlanned) {
      for (Planned& told : taken) told.uncounted = true;
      evaluated_ = std::max(evaluated_, now - timing_.deadline - timing_.jitter);
      continue;
    }
    evaluated_ = planned;
    if (Started(planned)) continue;
    const Fate fate = FateOf(planned, now);
    if (fate != Fate::kStart) {
      Tell(planned, fate, taken);
      continue;
    }
    if (start) Tell(*start, Fate::kMissed, taken);
    start = planned;
  }
  if (!start) return taken;
  Remember(*start);
  taken.push_back({.planned = *start, .fate = Fate::kStart, .last = *start});
  return taken;
}

void Planner::Retime(Timing timing, absl::Time evaluated) {
  timing_ = std::move(timing);
  evaluated_ = evaluated;
}

absl::Time Planner::NextDue() const {
  const absl::Time planned = timing_.calendar.Next(evaluated_);
  return planned == absl::InfiniteFuture() ? planned : timing_.DueAt(planned);
}

std::vector<absl::Time> Planner::NextStarts(absl::Time now, int most) const {
  std::vector<absl::Time> starts;
  absl::Time planned = now < evaluated_ - kStep ? now : evaluated_;
  for (int i = 0; i < kMostAhead && static_cast<int>(starts.size()) < most; ++i) {
    planned = timing_.calendar.NextOpen(planned);
    if (planned == absl::InfiniteFuture()) break;
    const absl::Time due = timing_.DueAt(planned);
    // The delay may lead out of the window.
    const bool open = timing_.calendar.At(due) == Calendar::Openness::kOpen;
    if (due >= now && open && !Started(planned)) starts.push_back(due);
  }
  return starts;
}

}  // namespace murphy::schedules
