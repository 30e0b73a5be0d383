// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "daemon/scenario/check.h"
#include "daemon/scenario/most.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

constexpr int kMostPhases = 256;

bool CountsSomething(const v1::Progress& progress) {
  return progress.has_calls() || progress.has_operations() || progress.has_injections() ||
         progress.has_tokens() || progress.has_bytes() || progress.has_events();
}

bool IsAtOnce(const v1::Progress& progress) {
  return progress.calls() == 0 && progress.operations() == 0 && progress.injections() == 0 &&
         progress.tokens() == 0 && progress.bytes() == 0 && progress.events() == 0 &&
         progress.time().seconds() == 0 && progress.time().nanos() == 0;
}

bool CanEnd(const v1::Phase& phase) {
  return phase.until_size() > 0 || phase.has_until_on() || phase.has_duration();
}

bool EndsAtOnce(const v1::Phase& phase) {
  return std::any_of(phase.until().begin(), phase.until().end(), IsAtOnce);
}

// How phases follow each other.
class Course {
 public:
  explicit Course(const v1::Scenario& scenario) : phases_(scenario.phase()) {
    for (int i = 0; i < phases_.size(); ++i) index_.try_emplace(phases_[i].name(), i);
  }

  // -1: none.
  int Next(int phase) const {
    if (phases_[phase].has_next()) return Find(phases_[phase].next());
    for (int next = phase + 1; next < phases_.size(); ++next) {
      if (SameTrack(phase, next)) return next;
    }
    return -1;
  }
  // The one before it in its track, or -1.
  int Before(int phase) const {
    int before = phase - 1;
    while (before >= 0 && !SameTrack(before, phase)) --before;
    return before;
  }
  bool SameTrack(int one, int other) const {
    return phases_[one].track() == phases_[other].track();
  }

  // Phases that a run which is in this one can be in, then or later. Other tracks go on from their
  // first phases.
  std::vector<bool> Reachable(int from) const {
    std::vector<bool> reached(phases_.size());
    for (int first = 0; first < phases_.size(); ++first) {
      const bool entered = phases_[first].has_enter() || phases_[first].has_enter_on();
      const bool begins = Before(first) < 0 && !SameTrack(first, from);
      if (first != from && !entered && !begins) continue;
      for (int i = first; i >= 0 && !reached[i]; i = CanEnd(phases_[i]) ? Next(i) : -1) {
        reached[i] = true;
      }
    }
    return reached;
  }

  // -1: none.
  int Find(std::string_view name) const {
    const auto named = index_.find(std::string(name));
    return named == index_.end() ? -1 : named->second;
  }

  // The phases that lead from this one back to it while nothing happens, as `a → b → a`; empty when
  // none do.
  std::string FreeLoop(int phase) const {
    std::string way;
    int i = phase;
    for (int steps = 0; steps < phases_.size(); ++steps) {
      if (i < 0 || !EndsAtOnce(phases_[i])) return {};
      way += phases_[i].name() + " → ";
      i = Next(i);
      if (i == phase) return way + phases_[phase].name();
    }
    return {};
  }

 private:
  const google::protobuf::RepeatedPtrField<v1::Phase>& phases_;
  absl::flat_hash_map<std::string, int> index_;
};

// A phase that waits for more injections than there can be would never end.
void CheckInjections(Review& review, const std::string& path, const v1::Phase& phase) {
  // Of several ends another one may come.
  if (phase.until_size() != 1 || phase.has_duration() || phase.has_until_on()) return;
  const uint64_t wanted = phase.until(0).injections();
  if (wanted == 0) return;
  const v1::Scenario& scenario = review.scenario();
  const std::string_view of = phase.until(0).of();
  uint64_t most = 0;
  bool armed = false;
  for (const v1::Rule& rule : scenario.rule()) {
    if (rule.has_phase() && !CanOverlap(scenario, rule.phase(), phase.name())) continue;
    armed = true;
    if (of.empty() || CanHit(scenario, rule, of)) most += MostInjections(rule);
  }
  if (!armed) {
    review.SayOf(path,
                 fmt::format("is never reached: no rule is armed in phase `{}`", phase.name()));
  } else if (most == 0) {
    review.SayOf(
        path, fmt::format("is never reached: no rule that is armed in phase `{}` {}", phase.name(),
                          of.empty() ? "can fire" : fmt::format("acts on `{}`", of)));
  } else if (most < wanted) {
    review.SayOf(path,
                 fmt::format("is never reached: the rules that are armed in phase `{}` fire at "
                             "most {} times, and it waits for {}",
                             phase.name(), most, wanted));
  } else if (scenario.guard().has_max_injections() && scenario.guard().max_injections() < wanted) {
    review.SayOf(path,
                 fmt::format("is never reached: guard.max_injections ends all faults after {}",
                             scenario.guard().max_injections()));
  }
}

void CheckEnter(Review& review, const std::string& path, const v1::Progress& enter) {
  if (enter.has_time()) {
    review.Say(path + ".time",
               "only counts enter a phase: to begin it after a time, give the phase before it a "
               "`duration`");
  } else if (!CountsSomething(enter)) {
    review.SayOf(
        path, "says nothing: name at least one of `calls`, `operations`, `injections`, `tokens`");
  } else if (IsAtOnce(enter)) {
    review.SayOf(path, "is reached at once: no other phase could last");
  }
  if (enter.has_of()) review.KnowsTarget(path + ".of", enter.of());
}

// A phase waits for the event itself, not for the time after it.
void CheckPhaseOn(Review& review, const std::string& path, const v1::On& on) {
  CheckOn(review, path, on);
  if (on.has_within()) {
    review.SayOf(path + ".within",
                 "means nothing here: a phase begins or ends when it happens, and lasts as long as "
                 "it says itself");
  }
  if (on.has_since()) {
    review.SayOf(path + ".since", "means nothing here: a phase begins or ends when it happens");
  }
}

// What ends a phase must happen in it.
void CheckUntilOn(Review& review, const std::string& path, const v1::Phase& phase) {
  CheckPhaseOn(review, path, phase.until_on());
  const v1::Scenario& scenario = review.scenario();
  for (int i = 0; i < scenario.rule_size() && phase.until_on().has_injection(); ++i) {
    const v1::Rule& rule = scenario.rule(i);
    if (RuleId(rule, static_cast<uint32_t>(i)) != phase.until_on().injection()) continue;
    if (!rule.has_phase() || CanOverlap(scenario, rule.phase(), phase.name())) continue;
    review.SayOf(path + ".injection",
                 fmt::format("never happens in phase `{}`: the rule `{}` is armed in phase `{}`",
                             phase.name(), phase.until_on().injection(), rule.phase()));
  }
}

std::string UntilPath(const std::string& path, const v1::Phase& phase, int index) {
  return phase.until_size() == 1 ? path + ".until" : fmt::format("{}.until[{}]", path, index);
}

void CheckEnd(Review& review, const Course& course, int index) {
  const v1::Phase& phase = review.scenario().phase(index);
  const std::string path = fmt::format("phase[{}]", index);
  if (phase.until_size() > 0) {
    const std::string loop = course.FreeLoop(index);
    if (loop.empty()) {
      for (int i = 0; i < phase.until_size(); ++i)
        CheckProgress(review, UntilPath(path, phase, i), phase.until(i), true);
    } else {
      review.SayOf(
          path + ".until",
          fmt::format("is reached at once: the phases {} would follow each other for ever, "
                      "while nothing happens",
                      loop));
    }
    if (course.Next(index) >= 0) CheckInjections(review, path + ".until", phase);
  }
  if (phase.has_duration() && phase.duration().seconds() == 0 && phase.duration().nanos() == 0) {
    review.Say(path + ".duration", "a phase that lasts no time can do nothing");
  }
  if (phase.has_next() && course.Find(phase.next()) >= 0 &&
      !course.SameTrack(index, course.Find(phase.next()))) {
    review.SayOf(path + ".next", fmt::format("leads out of its track: `{}` is in another one",
                                             phase.next()));
  }
  if (phase.has_next() && review.KnowsPhase(path + ".next", phase.next()) && !CanEnd(phase)) {
    review.SayOf(path + ".next",
                 fmt::format("never follows, because phase `{}` never ends: give it `until` or "
                             "`duration`",
                             phase.name()));
  }
}

void CheckReachable(Review& review, const Course& course) {
  const auto& phases = review.scenario().phase();
  const std::vector<bool> reached = course.Reachable(0);
  for (int i = 1; i < phases.size(); ++i) {
    if (reached[i] || course.Before(i) < 0) continue;
    const v1::Phase& before = phases[course.Before(i)];
    if (!CanEnd(before)) {
      if (before.has_next()) continue;
      review.Say(fmt::format("phase[{}]", course.Before(i)),
                 fmt::format("phase `{}` never ends, so that phase `{}` can never begin: "
                             "give it `until` or `duration`",
                             before.name(), phases[i].name()));
    } else if (before.has_next()) {
      review.Say(fmt::format("phase[{}]", i),
                 fmt::format("no phase leads to `{}`: name it as the `next` of one, or say when to "
                             "`enter` it",
                             phases[i].name()));
    }
  }
}

}  // namespace

void CheckProgress(Review& review, const std::string& path, const v1::Progress& progress,
                   bool until) {
  if (!CountsSomething(progress) && !progress.has_time()) {
    review.SayOf(
        path,
        "says nothing: name at least one of `calls`, `operations`, `injections`, `tokens`, "
        "`bytes`, "
        "`events`, `time`");
  } else if (until && IsAtOnce(progress)) {
    review.SayOf(path, "is reached at once: the phase would end before anything can happen in it");
  }
  if (!progress.has_of()) return;
  review.KnowsTarget(path + ".of", progress.of());
  if (until && progress.has_time() && !CountsSomething(progress)) {
    review.SayOf(path + ".of",
                 "counts nothing: in `until`, time is measured from the beginning of the phase");
  }
}

bool CanFollow(const v1::Scenario& scenario, std::string_view from, std::string_view to) {
  const Course course(scenario);
  const int first = course.Find(from), later = course.Find(to);
  // An unknown name is a mistake of its own.
  return first < 0 || later < 0 || !course.SameTrack(first, later) ||
         course.Reachable(first)[later];
}

bool CanOverlap(const v1::Scenario& scenario, std::string_view one, std::string_view other) {
  const Course course(scenario);
  const int first = course.Find(one), second = course.Find(other);
  return first < 0 || second < 0 || first == second || !course.SameTrack(first, second);
}

void CheckPhases(Review& review) {
  const auto& phases = review.scenario().phase();
  if (phases.size() > kMostPhases) {
    review.Say(
        fmt::format("phase[{}]", kMostPhases),
        fmt::format("there are {} phases; a scenario may have {}", phases.size(), kMostPhases));
    return;
  }
  const Course course(review.scenario());
  std::set<std::string_view> names;
  for (int i = 0; i < phases.size(); ++i) {
    const v1::Phase& phase = phases[i];
    const std::string path = fmt::format("phase[{}]", i);
    review.CheckName(path + ".name", "phase", phase.name());
    if (!names.insert(phase.name()).second) {
      review.Say(path + ".name", fmt::format("there are two phases `{}`", phase.name()));
    }
    if (phase.has_track()) review.CheckName(path + ".track", "track", phase.track());
    CheckEnd(review, course, i);
    if (phase.has_enter()) CheckEnter(review, path + ".enter", phase.enter());
    if (phase.has_until_on()) CheckUntilOn(review, path + ".until_on", phase);
    if (phase.has_enter_on()) CheckPhaseOn(review, path + ".enter_on", phase.enter_on());
  }
  CheckReachable(review, course);
}

}  // namespace murphy::scenario
