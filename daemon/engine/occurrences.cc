// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/occurrences.h"

#include <algorithm>

#include "daemon/engine/decision.h"
#include "daemon/engine/reading.h"

namespace murphy::engine {
namespace {

bool Has(const std::vector<uint32_t>& targets, int target) {
  return target < 0 || std::count(targets.begin(), targets.end(), static_cast<uint32_t>(target));
}

bool IsOf(const Ending& ending, v1::ResponseClass response) {
  const bool success = ending.end == v1::END_STATE_COMPLETE && !ending.failed;
  const bool left = ending.end == v1::END_STATE_AGENT_LEFT;
  switch (response) {
    case v1::RESPONSE_CLASS_SUCCESS:
      return success;
    case v1::RESPONSE_CLASS_FAILURE:
      return !success;
    case v1::RESPONSE_CLASS_CLIENT_ERROR:
      return ending.status / 100 == 4;
    case v1::RESPONSE_CLASS_SERVER_ERROR:
      return ending.status / 100 == 5;
    case v1::RESPONSE_CLASS_RATE_LIMITED:
      return ending.status == 429;
    case v1::RESPONSE_CLASS_TIMEOUT:
      return ending.status == 408 || ending.status == 504 || (left && ending.status == 0);
    case v1::RESPONSE_CLASS_DISCONNECT:
      return left;
    case v1::RESPONSE_CLASS_BROKEN:
      return ending.end == v1::END_STATE_BROKEN;
    case v1::RESPONSE_CLASS_NO_ANSWER:
      // What the gateway says of a failure is an answer to the agent.
      return ending.end == v1::END_STATE_NO_ANSWER && ending.status == 0;
    case v1::RESPONSE_CLASS_UNSPECIFIED:
    case v1::ResponseClass_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ResponseClass_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return false;
}

}  // namespace

std::vector<uint32_t> AnsweredBy(const Ending& ending, const std::vector<scenario::On>& ons) {
  if (ending.upstream == nullptr) return ending.answered;
  std::vector<uint32_t> answered;
  for (uint32_t i = 0; i < ons.size(); ++i) {
    if (ons[i].answer != nullptr && ons[i].answer->Matches(*ending.upstream)) answered.push_back(i);
  }
  return answered;
}

Occurrences::Occurrences(const std::vector<scenario::On>& ons) : ons_(ons), states_(ons.size()) {
  const auto list = [this](const v1::On& on) -> Indices* {
    switch (on.kind_case()) {
      case v1::On::kCall:
        return on.call() == v1::CALL_MOMENT_BEGINS ? &calls_begin_ : &calls_end_;
      case v1::On::kResponse:
        return &responses_;
      case v1::On::kInjection:
        return &injections_;
      case v1::On::kRecovery:
        return &recoveries_;
      case v1::On::kCanary:
        return on.canary() == v1::CANARY_SIGHTING_ECHOED ? &echoed_ : &used_;
      case v1::On::kSilence:
        return &silences_;
      case v1::On::kTokens:
        return &tokens_;
      case v1::On::kAnswer:
        return &answers_;
      case v1::On::KIND_NOT_SET:
        break;
    }
    return nullptr;
  };
  for (uint32_t i = 0; i < ons.size(); ++i) {
    if (Indices* indices = list(ons[i].spec)) indices->push_back(i);
  }
}

bool Occurrences::Concerns(const scenario::On& on, const Place& place) const {
  return Has(place.targets, on.of) && (!on.agent.has_value() || on.agent->Matches(place.agent));
}

void Occurrences::Occur(uint32_t on, absl::Duration at, uint64_t before, uint64_t times) {
  State& state = states_[on];
  const uint64_t earlier = state.count;
  state.count += times;
  const v1::On& spec = ons_[on].spec;
  if (spec.has_times() && (earlier >= spec.times() || state.count < spec.times())) return;
  state.since = at;
  state.before = before;
}

void Occurrences::Pass(absl::Duration now, uint64_t begun) {
  for (const uint32_t on : silences_) {
    State& state = states_[on];
    if (!state.quiet.has_value() || now - *state.quiet < ons_[on].silence) continue;
    Occur(on, *state.quiet + ons_[on].silence, begun);
    state.quiet.reset();
    ++noticed_;
  }
}

absl::Duration Occurrences::Due() const {
  absl::Duration due = absl::InfiniteDuration();
  for (const uint32_t on : silences_) {
    if (states_[on].quiet.has_value()) due = std::min(due, *states_[on].quiet + ons_[on].silence);
  }
  return due;
}

void Occurrences::Begin(const Place& place, const std::vector<Recovery>& recoveries, bool canary) {
  // What is the beginning of an exchange holds for it.
  const uint64_t before = place.sequence - 1;
  for (const uint32_t on : calls_begin_) {
    if (Concerns(ons_[on], place)) Occur(on, place.now, before);
  }
  if (!recoveries.empty()) Recover(place, recoveries);
  if (canary) {
    for (const uint32_t on : used_) {
      if (Concerns(ons_[on], place)) Occur(on, place.now, before);
    }
  }
  for (const uint32_t on : silences_) {
    // The run's first exchange starts every clock.
    if (place.sequence == 1 || Concerns(ons_[on], place)) states_[on].quiet = place.now;
  }
}

void Occurrences::Recover(const Place& place, const std::vector<Recovery>& recoveries) {
  for (const uint32_t on : recoveries_) {
    const bool happened =
        std::any_of(recoveries.begin(), recoveries.end(), [&](const Recovery& recovery) {
          return recovery.kind == ons_[on].spec.recovery() &&
                 Concerns(ons_[on], {recovery.of, place.agent, place.sequence, place.now});
        });
    if (happened) Occur(on, place.now, place.sequence - 1);
  }
}

void Occurrences::Fire(const Place& place, uint32_t rule) {
  for (const uint32_t on : injections_) {
    if (ons_[on].rule == rule && Concerns(ons_[on], place)) Occur(on, place.now, place.sequence);
  }
}

void Occurrences::End(const Place& place, v1::TargetKind kind, const Ending& ending) {
  for (const uint32_t on : calls_end_) {
    if (Concerns(ons_[on], place)) Occur(on, place.now, place.sequence);
  }
  for (const uint32_t on : responses_) {
    if (IsOf(ending, ons_[on].spec.response()) && Concerns(ons_[on], place))
      Occur(on, place.now, place.sequence);
  }
  if (!answers_.empty()) {
    for (const uint32_t on : AnsweredBy(ending, ons_)) {
      // A record may hold anything.
      if (on < ons_.size() && ons_[on].answer != nullptr && Concerns(ons_[on], place))
        Occur(on, place.now, place.sequence);
    }
  }
  if (ending.canary && kind == v1::TARGET_KIND_MODEL) {
    for (const uint32_t on : echoed_) {
      if (Concerns(ons_[on], place)) Occur(on, place.now, place.sequence);
    }
  }
  for (const uint32_t on : tokens_) {
    if (ending.tokens == 0 || !Concerns(ons_[on], place)) continue;
    State& state = states_[on];
    const uint64_t step = ons_[on].spec.tokens();
    const uint64_t reached = (state.tokens + ending.tokens) / step - state.tokens / step;
    state.tokens += ending.tokens;
    if (reached > 0) Occur(on, place.now, place.sequence, reached);
  }
}

bool Occurrences::HasBegun(uint32_t on, absl::Duration now, uint64_t sequence) const {
  const State& state = states_[on];
  if (!state.since.has_value() || sequence <= state.before) return false;
  const v1::Within& since = ons_[on].spec.since();
  if (since.has_calls() && sequence - state.before <= since.calls()) return false;
  return !ons_[on].since.has_value() || now - *state.since >= *ons_[on].since;
}

bool Occurrences::Holds(uint32_t on, absl::Duration now, uint64_t sequence) const {
  const State& state = states_[on];
  if (!HasBegun(on, now, sequence)) return false;
  const v1::Within& within = ons_[on].spec.within();
  if (within.has_calls() && sequence - state.before > within.calls()) return false;
  return !ons_[on].within.has_value() || now - *state.since < *ons_[on].within;
}

}  // namespace murphy::engine
