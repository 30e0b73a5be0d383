// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/groups.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

namespace murphy::engine {
namespace {

// Members that a rendezvous waits for.
size_t QuorumOf(const scenario::Group& group) {
  return group.spec.has_quorum() ? group.spec.quorum() : group.rules.size();
}

}  // namespace

Groups::Groups(const std::vector<scenario::Group>& groups,
               std::vector<std::vector<uint32_t>> groups_of, std::vector<std::string> rules,
               uint64_t seed, uint32_t run_index)
    : groups_(groups),
      groups_of_(std::move(groups_of)),
      rules_(std::move(rules)),
      drawn_(rules_.size(), true),
      states_(groups.size()),
      firings_(rules_.size()) {
  for (const scenario::Group& group : groups) {
    if (group.spec.mode() != v1::GROUP_MODE_K_OF_N) continue;
    DrawMembers(group, Draw(seed, run_index, fmt::format("group/{}", group.spec.name()), ""));
  }
}

// Each set of `k` members is as likely as any other.
void Groups::DrawMembers(const scenario::Group& group, const Draw& draw) {
  std::vector<uint32_t> members = group.rules;
  for (uint32_t taken = 0; taken < members.size(); ++taken) {
    const uint64_t other = taken + draw.Below(members.size() - taken, "member", taken);
    std::swap(members[taken], members[other]);
    if (taken >= group.spec.k()) drawn_[members[taken]] = false;
  }
}

bool Groups::Arm(uint32_t rule, uint64_t sequence, absl::Duration now,
                 const std::function<bool(uint32_t)>& armed) const {
  if (!drawn_[rule]) return false;
  for (const uint32_t index : groups_of_[rule]) {
    const scenario::Group& group = groups_[index];
    if (group.spec.mode() == v1::GROUP_MODE_SIMULTANEOUS &&
        !std::all_of(group.rules.begin(), group.rules.end(), armed)) {
      return false;
    }
    if (group.spec.mode() == v1::GROUP_MODE_ORDERED && !Follows(group, rule, sequence, now))
      return false;
    if (group.spec.mode() == v1::GROUP_MODE_RENDEZVOUS &&
        !Awaits(states_[index], {.rule = rule, .sequence = sequence})) {
      return false;
    }
  }
  return true;
}

bool Groups::Follows(const scenario::Group& group, uint32_t rule, uint64_t sequence,
                     absl::Duration now) const {
  const auto own = std::find(group.rules.begin(), group.rules.end(), rule);
  if (own == group.rules.begin()) return true;
  const Firings& firings = firings_[*std::prev(own)];
  const bool just_now = firings.last.has_value() && firings.last->sequence >= sequence;
  const std::optional<Firing>& before = just_now ? firings.earlier : firings.last;
  if (!before.has_value()) return false;
  const v1::Within& within = group.spec.within();
  if (within.has_calls() && sequence - before->sequence > within.calls()) return false;
  return !group.within.has_value() || now - before->at < *group.within;
}

// Each member brings one call, and each call one member.
bool Groups::Awaits(const State& state, const Member& member) const {
  const auto there = [&](const Member& other) {
    return other.rule == member.rule || other.sequence == member.sequence;
  };
  return state.completed_by != member.sequence &&
         std::none_of(state.waiting.begin(), state.waiting.end(), there);
}

bool Groups::Exhausted(uint32_t rule) const {
  return std::any_of(groups_of_[rule].begin(), groups_of_[rule].end(), [this](uint32_t index) {
    const v1::Group& spec = groups_[index].spec;
    return spec.mode() == v1::GROUP_MODE_AT_MOST && states_[index].taken >= spec.most();
  });
}

uint32_t Groups::Company(uint32_t rule) const {
  size_t company = 1;
  for (const uint32_t index : groups_of_[rule]) {
    if (groups_[index].spec.mode() == v1::GROUP_MODE_RENDEZVOUS)
      company = std::max(company, QuorumOf(groups_[index]));
  }
  return static_cast<uint32_t>(company);
}

absl::Duration Groups::OffsetOf(uint32_t rule) const {
  for (const uint32_t index : groups_of_[rule]) {
    const auto& offsets = groups_[index].offsets;
    const auto found = offsets.find(rule);
    if (found != offsets.end()) return found->second;
  }
  return absl::ZeroDuration();
}

std::shared_ptr<const Gate> Groups::Fire(Member member, absl::Duration now) {
  now_ = now;
  Take(member.rule, 1);
  for (const uint32_t index : groups_of_[member.rule]) {
    if (groups_[index].spec.mode() == v1::GROUP_MODE_RENDEZVOUS) return Meet(index, member, now);
  }
  Note(member, now);
  return nullptr;
}

std::shared_ptr<const Gate> Groups::Meet(uint32_t index, Member member, absl::Duration now) {
  const scenario::Group& group = groups_[index];
  State& state = states_[index];
  if (state.gate == nullptr)
    state.gate = std::make_shared<Gate>(now + group.timeout, Late(group, member));
  const std::shared_ptr<const Gate> gate = state.gate;
  state.waiting.push_back(member);
  if (state.waiting.size() == QuorumOf(group)) {
    ++state.met;
    state.completed_by = member.sequence;
    Settle(state, true);
  }
  return gate;
}

std::string Groups::Late(const scenario::Group& group, const Member& first) const {
  return fmt::format("the group `{}` was not complete within {}, counted from the call of `{}`",
                     group.spec.name(), absl::FormatDuration(group.timeout), rules_[first.rule]);
}

void Groups::Settle(State& state, bool fire) {
  wake_ = true;
  ++settled_;
  for (const Member& member : state.waiting) {
    if (fire) {
      Note(member, now_);
      fired_.push_back(member);
    } else {
      Take(member.rule, -1);
    }
  }
  fire ? state.gate->Open() : state.gate->GiveUp();
  state.gate.reset();
  state.waiting.clear();
}

absl::Duration Groups::Due() const {
  absl::Duration due = absl::InfiniteDuration();
  for (const State& state : states_) {
    if (state.gate != nullptr) due = std::min(due, state.gate->deadline());
  }
  return due;
}

void Groups::Pass(absl::Duration now) {
  for (size_t i = 0; i < groups_.size(); ++i) {
    State& state = states_[i];
    if (state.gate == nullptr || now < state.gate->deadline()) continue;
    now_ = state.gate->deadline();
    ++state.timed_out;
    const v1::OnTimeout outcome = groups_[i].spec.on_timeout();
    if (outcome == v1::ON_TIMEOUT_INVALIDATE_RUN && broken_.empty()) broken_ = state.gate->late();
    Settle(state, outcome == v1::ON_TIMEOUT_FIRE);
  }
}

bool Groups::Awaits(uint64_t sequence) const {
  return std::any_of(states_.begin(), states_.end(), [&](const State& state) {
    return std::any_of(state.waiting.begin(), state.waiting.end(),
                       [&](const Member& member) { return member.sequence == sequence; });
  });
}

void Groups::Leave(uint64_t sequence) {
  for (State& state : states_) {
    const auto left = std::find_if(state.waiting.begin(), state.waiting.end(),
                                   [&](const Member& m) { return m.sequence == sequence; });
    if (left == state.waiting.end()) continue;
    Take(left->rule, -1);
    state.waiting.erase(left);
    if (state.waiting.empty()) state.gate.reset();
  }
}

void Groups::Abandon() {
  for (State& state : states_) {
    if (state.gate != nullptr) Settle(state, false);
  }
}

void Groups::Take(uint32_t rule, int by) {
  for (const uint32_t index : groups_of_[rule]) {
    states_[index].taken += static_cast<uint64_t>(static_cast<int64_t>(by));
  }
}

void Groups::Note(Member member, absl::Duration now) {
  Firings& firings = firings_[member.rule];
  if (firings.last.has_value() && firings.last->sequence < member.sequence)
    firings.earlier = firings.last;
  firings.last = {.sequence = member.sequence, .at = now};
}

std::vector<Member> Groups::TakeFired() { return std::exchange(fired_, {}); }

bool Groups::TakeWake() { return std::exchange(wake_, false); }

void Groups::Realise(v1::Realised& realised) const {
  for (size_t i = 0; i < groups_.size(); ++i) {
    v1::RealisedGroup& group = *realised.add_groups();
    group.set_name(groups_[i].spec.name());
    group.set_mode(groups_[i].spec.mode());
    for (const uint32_t rule : groups_[i].rules) {
      if (!firings_[rule].last.has_value()) group.add_never_fired(rules_[rule]);
    }
    group.set_met(states_[i].met);
    group.set_timed_out(states_[i].timed_out);
  }
}

}  // namespace murphy::engine
