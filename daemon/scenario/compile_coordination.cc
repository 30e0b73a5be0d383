// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/scenario/plan.h"
#include "proto/time.h"

namespace murphy::scenario {
namespace {

constexpr absl::Duration kDefaultTimeout = absl::Seconds(5);

}  // namespace

absl::Duration Phase::Silence() const {
  absl::Duration length = duration.value_or(absl::InfiniteDuration());
  for (const Milestone& milestone : until) {
    if (milestone.time.has_value() && milestone.CountsReached({}))
      length = std::min(length, *milestone.time);
  }
  return length;
}

void Plan::AddPhases() {
  std::vector<std::string> tracks;
  for (const v1::Phase& spec : scenario_.phase()) {
    Phase& phase = phases_.emplace_back();
    phase.name = spec.name();
    const auto track = std::find(tracks.begin(), tracks.end(), spec.track());
    phase.track = static_cast<uint32_t>(track - tracks.begin());
    if (track == tracks.end()) tracks.push_back(spec.track());
    for (const v1::Progress& until : spec.until()) phase.until.push_back(Compiled(until));
    if (spec.has_duration()) phase.duration = FromProto(spec.duration());
    if (spec.has_enter()) phase.enter = Compiled(spec.enter());
    if (spec.has_until_on()) phase.until_on = static_cast<int>(Add(spec.until_on()));
    if (spec.has_enter_on()) phase.enter_on = static_cast<int>(Add(spec.enter_on()));
  }
  for (size_t i = 0; i < phases_.size(); ++i) {
    const v1::Phase& spec = scenario_.phase(static_cast<int>(i));
    if (spec.has_next()) {
      phases_[i].next = PhaseIndex(spec.next());
      continue;
    }
    const auto next =
        std::find_if(phases_.begin() + static_cast<long>(i) + 1, phases_.end(),
                     [&](const Phase& phase) { return phase.track == phases_[i].track; });
    if (next != phases_.end()) phases_[i].next = static_cast<int>(next - phases_.begin());
  }
  for (size_t i = 0; i < phases_.size(); ++i) {
    absl::Duration period = phases_[i].Silence();
    int next = phases_[i].next;
    for (size_t steps = 0; next >= 0 && next != static_cast<int>(i); next = phases_[next].next) {
      period += phases_[next].Silence();
      if (++steps == phases_.size()) break;
    }
    if (next == static_cast<int>(i)) phases_[i].period = period;
  }
}

void Plan::AddCauses() {
  for (const auto& [name, spec] : scenario_.cause()) {
    Cause& cause = causes_.emplace_back();
    cause.name = name;
    cause.spec = spec;
  }
  // The order of a protobuf map differs from process to process.
  std::sort(causes_.begin(), causes_.end(),
            [](const Cause& a, const Cause& b) { return a.name < b.name; });
  for (Cause& cause : causes_) {
    const v1::Cause& spec = cause.spec;
    if (spec.window().has_after()) cause.after = Compiled(spec.window().after());
    if (spec.window().lasting().has_time())
      cause.lasting = FromProto(spec.window().lasting().time());
    if (spec.markov().has_of()) cause.of = TargetIndex(spec.markov().of());
    if (spec.has_on()) cause.on = Add(spec.on());
  }
}

int Plan::CauseIndex(std::string_view name) const {
  const auto cause = std::find_if(causes_.begin(), causes_.end(),
                                  [name](const Cause& known) { return known.name == name; });
  return cause != causes_.end() ? static_cast<int>(cause - causes_.begin()) : -1;
}

// After the rules, which it tells what they belong to.
void Plan::AddGroups() {
  for (Rule& rule : rules_) {
    const v1::Trigger& when = rule.spec.when();
    if (!when.has_cause()) continue;
    rule.cause = CauseIndex(when.cause());
    causes_[rule.cause].followers.push_back(rule.index);
  }
  for (const v1::Group& spec : scenario_.group()) {
    Group& group = groups_.emplace_back();
    group.spec = spec;
    group.timeout = spec.has_timeout() ? FromProto(spec.timeout()) : kDefaultTimeout;
    if (spec.within().has_time()) group.within = FromProto(spec.within().time());
    for (const std::string& member : spec.rules()) {
      const auto rule =
          std::find_if(rules_.begin(), rules_.end(), [&](const Rule& r) { return r.id == member; });
      group.rules.push_back(rule->index);
      rule->groups.push_back(static_cast<uint32_t>(groups_.size() - 1));
      const auto offset = spec.offsets().find(member);
      if (offset != spec.offsets().end()) group.offsets[rule->index] = FromProto(offset->second);
    }
  }
}

}  // namespace murphy::scenario
