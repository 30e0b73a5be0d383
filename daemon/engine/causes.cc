// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/causes.h"

#include <algorithm>
#include <cmath>

#include "daemon/engine/occurrences.h"
#include "fmt/format.h"

namespace murphy::engine {
namespace {

// The phi coefficient of two yes-no variables.
std::optional<double> Phi(double both, double only_first, double only_second, double neither) {
  const double spread =
      (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither);
  if (spread <= 0) return std::nullopt;
  return (both * neither - only_first * only_second) / std::sqrt(spread);
}

size_t PairIndex(size_t first, size_t second) { return second * (second - 1) / 2 + first; }

}  // namespace

Causes::Causes(const std::vector<scenario::Cause>& causes, uint64_t seed, uint32_t run_index)
    : causes_(causes), seed_(seed), run_index_(run_index), states_(causes.size()) {
  for (size_t i = 0; i < causes.size(); ++i) {
    const size_t followers = causes[i].followers.size();
    states_[i].followers.resize(followers);
    const size_t paired = std::min(followers, kMostPaired);
    if (paired > 1) states_[i].pairs.resize(paired * (paired - 1) / 2);
  }
}

void Causes::Step(const std::vector<uint32_t>& targets, uint64_t sequence, absl::Duration now,
                  const Progress& progress, const Occurrences& occurrences) {
  for (size_t i = 0; i < causes_.size(); ++i) {
    const scenario::Cause& cause = causes_[i];
    State& state = states_[i];
    if (cause.of >= 0 && std::find(targets.begin(), targets.end(),
                                   static_cast<uint32_t>(cause.of)) == targets.end()) {
      continue;
    }
    switch (cause.spec.kind_case()) {
      case v1::Cause::kWindow:
        state.on = WindowIsOpen(cause, state, sequence, now, progress);
        break;
      case v1::Cause::kMarkov:
        state.on = ChainIsOn(cause, state);
        break;
      case v1::Cause::kOn:
        state.on = occurrences.Holds(cause.on, now, sequence);
        break;
      case v1::Cause::KIND_NOT_SET:
        break;
    }
    ++(state.on ? state.steps_on : state.steps_off);
  }
}

bool Causes::WindowIsOpen(const scenario::Cause& cause, State& state, uint64_t sequence,
                          absl::Duration now, const Progress& progress) const {
  const v1::WindowCause& window = cause.spec.window();
  if (!state.first.has_value()) {
    if (window.has_after() && !progress.Reached(cause.after, now)) return false;
    state.first = sequence;
    state.begun = now;
    // A time that was reached in a silence was reached then.
    const std::optional<absl::Duration> due = progress.ReachedAt(cause.after);
    if (window.has_after() && due.has_value()) state.begun = *due;
  }
  if (cause.lasting.has_value() && now - state.begun >= *cause.lasting) state.over = true;
  if (window.lasting().has_calls() && sequence - *state.first >= window.lasting().calls())
    state.over = true;
  return !state.over;
}

bool Causes::ChainIsOn(const scenario::Cause& cause, const State& state) const {
  const v1::MarkovCause& markov = cause.spec.markov();
  const uint64_t step = state.steps_on + state.steps_off + 1;
  // A shared chain is the same in every run.
  const uint32_t drawn_for = cause.spec.shared() ? 0 : run_index_;
  const Draw draw(seed_, drawn_for, fmt::format("cause/{}", cause.name), std::to_string(step));
  const double u = draw.Unit("markov");
  return state.on ? u >= markov.p_off() : u < markov.p_on();
}

void Causes::Note(const std::vector<Followed>& followed) {
  if (followed.empty()) return;
  for (size_t i = 0; i < causes_.size(); ++i) {
    State& state = states_[i];
    const std::vector<uint32_t>& rules = causes_[i].followers;
    std::vector<bool> tried(rules.size());
    bool some = false;
    for (const Followed& one : followed) {
      const auto found = std::lower_bound(rules.begin(), rules.end(), one.rule);
      if (found == rules.end() || *found != one.rule) continue;
      const auto position = static_cast<size_t>(found - rules.begin());
      Follower& follower = state.followers[position];
      ++(state.on ? follower.on : follower.off);
      if (one.fired) ++(state.on ? follower.fired_on : follower.fired_off);
      follower.last = one.fired;
      some = tried[position] = true;
    }
    if (some) NotePairs(tried, state);
  }
}

void Causes::NotePairs(const std::vector<bool>& tried, State& state) const {
  const size_t paired = std::min(tried.size(), kMostPaired);
  for (size_t second = 1; second < paired; ++second) {
    for (size_t first = 0; first < second; ++first) {
      const std::optional<bool>& one = state.followers[first].last;
      const std::optional<bool>& other = state.followers[second].last;
      if (!(tried[first] || tried[second]) || !one.has_value() || !other.has_value()) continue;
      Pair& pair = state.pairs[PairIndex(first, second)];
      ++(*one ? (*other ? pair.both : pair.only_first)
              : (*other ? pair.only_second : pair.neither));
    }
  }
}

void Causes::Realise(const std::vector<std::string>& rules, v1::Realised& realised) const {
  for (size_t i = 0; i < causes_.size(); ++i) {
    const State& state = states_[i];
    v1::RealisedCause& cause = *realised.add_causes();
    cause.set_name(causes_[i].name);
    cause.set_steps_on(state.steps_on);
    cause.set_steps_off(state.steps_off);
    for (size_t f = 0; f < state.followers.size(); ++f) {
      v1::RealisedFollower& follower = *cause.add_followers();
      follower.set_rule(rules[causes_[i].followers[f]]);
      follower.set_on(state.followers[f].on);
      follower.set_fired_on(state.followers[f].fired_on);
      follower.set_off(state.followers[f].off);
      follower.set_fired_off(state.followers[f].fired_off);
    }
    const size_t paired = std::min(state.followers.size(), kMostPaired);
    for (size_t second = 1; second < paired; ++second) {
      for (size_t first = 0; first < second; ++first) {
        const Pair& counts = state.pairs[PairIndex(first, second)];
        v1::RealisedPair& pair = *cause.add_pairs();
        pair.set_first(cause.followers(static_cast<int>(first)).rule());
        pair.set_second(cause.followers(static_cast<int>(second)).rule());
        pair.set_both(counts.both);
        pair.set_only_first(counts.only_first);
        pair.set_only_second(counts.only_second);
        pair.set_neither(counts.neither);
        const auto phi =
            Phi(static_cast<double>(counts.both), static_cast<double>(counts.only_first),
                static_cast<double>(counts.only_second), static_cast<double>(counts.neither));
        if (phi.has_value()) pair.set_correlation(*phi);
      }
    }
  }
}

}  // namespace murphy::engine
