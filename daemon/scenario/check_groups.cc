// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/scenario/check.h"
#include "daemon/scenario/most.h"
#include "faults/nearest.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

constexpr int kMostGroups = 64;
constexpr int kMostMembers = 64;

// Members fire on calls that are in flight at the same time, or while all are armed.
bool IsTogether(v1::GroupMode mode) {
  return mode == v1::GROUP_MODE_RENDEZVOUS || mode == v1::GROUP_MODE_SIMULTANEOUS;
}

class GroupReview {
 public:
  explicit GroupReview(Review& review) : review_(review), scenario_(review.scenario()) {
    for (int i = 0; i < scenario_.rule_size(); ++i) {
      rules_.try_emplace(RuleId(scenario_.rule(i), static_cast<uint32_t>(i)), &scenario_.rule(i));
    }
  }

  void Run() {
    if (scenario_.group_size() > kMostGroups) {
      return review_.Say(fmt::format("group[{}]", kMostGroups),
                         fmt::format("a scenario may have {} groups", kMostGroups));
    }
    std::set<std::string_view> names;
    for (int i = 0; i < scenario_.group_size(); ++i) {
      const v1::Group& group = scenario_.group(i);
      const std::string path = fmt::format("group[{}]", i);
      review_.CheckName(path + ".name", "group", group.name());
      if (!names.insert(group.name()).second) {
        review_.Say(path + ".name", fmt::format("there are two groups `{}`", group.name()));
      }
      if (!CheckMembers(path, group)) continue;
      CheckKeys(path, group);
      CheckInert(path, group);
      if (group.offsets_size() > 0) CheckOffsets(path, group);
      if (IsTogether(group.mode())) CheckMeeting(path, group);
      if (group.mode() == v1::GROUP_MODE_ORDERED) CheckSequence(path, group);
      if (group.mode() == v1::GROUP_MODE_AT_MOST) CheckMost(path, group);
      if (group.mode() == v1::GROUP_MODE_K_OF_N) CheckK(path, group);
      for (int j = 0; j < i; ++j) CheckAgainst(path, group, scenario_.group(j));
    }
    CheckOrder();
  }

 private:
  bool CheckMembers(const std::string& path, const v1::Group& group) {
    if (group.rules_size() > kMostMembers) {
      review_.Say(path + ".rules", fmt::format("a group may have {} members", kMostMembers));
      return false;
    }
    bool known = true;
    std::set<std::string_view> members;
    for (int i = 0; i < group.rules_size(); ++i) {
      const std::string place = fmt::format("{}.rules[{}]", path, i);
      if (!review_.KnowsRule(place, group.rules(i))) {
        known = false;
      } else if (!members.insert(group.rules(i)).second) {
        review_.Say(place, fmt::format("`{}` is a member already", group.rules(i)));
        known = false;
      }
    }
    if (known && group.rules_size() < 2) {
      review_.Say(path + ".rules", "a group needs two members at least");
      return false;
    }
    return known;
  }

  // Keys that this mode does not read.
  void CheckKeys(const std::string& path, const v1::Group& group) {
    const auto foreign = [&](bool present, std::string_view key, std::string_view mode) {
      if (!present) return;
      review_.SayOf(fmt::format("{}.{}", path, key),
                    fmt::format("means nothing here: it belongs to mode = \"{}\"", mode));
    };
    if (group.mode() != v1::GROUP_MODE_RENDEZVOUS) {
      foreign(group.has_timeout(), "timeout", "rendezvous");
      foreign(group.has_on_timeout(), "on_timeout", "rendezvous");
      foreign(group.has_quorum(), "quorum", "rendezvous");
      foreign(group.offsets_size() > 0, "offsets", "rendezvous");
    }
    if (group.mode() != v1::GROUP_MODE_ORDERED) foreign(group.has_within(), "within", "ordered");
    if (group.mode() != v1::GROUP_MODE_AT_MOST) foreign(group.has_most(), "most", "at_most");
    if (group.mode() != v1::GROUP_MODE_K_OF_N) foreign(group.has_k(), "k", "k_of_n");
    if (group.has_within() && !group.within().has_calls() && !group.within().has_time()) {
      review_.SayOf(path + ".within", "says nothing: name `calls` or `time`");
    }
  }

  // Offsets are those of members.
  void CheckOffsets(const std::string& path, const v1::Group& group) {
    const std::vector<std::string> members(group.rules().begin(), group.rules().end());
    // The order of a protobuf map differs from process to process.
    std::set<std::string> names;
    for (const auto& offset : group.offsets()) names.insert(offset.first);
    for (const std::string& name : names) {
      if (std::find(members.begin(), members.end(), name) != members.end()) continue;
      const std::string_view nearest = NearestName(name, members);
      review_.Say(fmt::format("{}.offsets.{}", path, name),
                  fmt::format("`{}` is no member of the group{}", name,
                              nearest.empty() ? "" : fmt::format("; did you mean `{}`?", nearest)));
    }
  }

  // A member that never fires leaves the group incomplete for ever.
  void CheckInert(const std::string& path, const v1::Group& group) {
    if (group.mode() == v1::GROUP_MODE_AT_MOST) return;
    for (int i = 0; i < group.rules_size(); ++i) {
      const v1::Trigger& when = rules_.at(group.rules(i))->when();
      if (!when.has_probability() || when.probability() > 0) continue;
      review_.Say(fmt::format("{}.rules[{}]", path, i),
                  fmt::format("the group can never be complete: the probability of `{}` is 0",
                              group.rules(i)));
    }
  }

  void CheckSequence(const std::string& path, const v1::Group& group) {
    for (int i = 1; i < group.rules_size(); ++i) {
      const v1::Rule &before = *rules_.at(group.rules(i - 1)), &after = *rules_.at(group.rules(i));
      if (!before.has_phase() || !after.has_phase() ||
          CanFollow(scenario_, before.phase(), after.phase())) {
        continue;
      }
      review_.Say(
          fmt::format("{}.rules[{}]", path, i),
          fmt::format("`{}` can never fire after `{}`: its phase `{}` does not come after `{}`",
                      group.rules(i), group.rules(i - 1), after.phase(), before.phase()));
    }
  }

  // Whether its members can come together at all.
  void CheckMeeting(const std::string& path, const v1::Group& group) {
    std::string phase, of;
    for (int i = 0; i < group.rules_size(); ++i) {
      const v1::Rule& rule = *rules_.at(group.rules(i));
      const std::string place = fmt::format("{}.rules[{}]", path, i);
      if (!rule.has_phase()) continue;
      if (phase.empty()) {
        phase = rule.phase();
        of = group.rules(i);
      } else if (!CanOverlap(scenario_, phase, rule.phase()) &&
                 !MayMeet(group, phase, rule.phase())) {
        review_.Say(place, fmt::format("the members can never meet: `{}` is armed in phase `{}`, "
                                       "and `{}` in phase `{}`",
                                       of, phase, group.rules(i), rule.phase()));
      }
    }
    CheckSharedCalls(path, group);
    const v1::Guard& guard = scenario_.guard();
    const auto members = static_cast<uint32_t>(group.rules_size());
    if (group.has_quorum() && group.quorum() >= members) {
      review_.SayOf(path + ".quorum",
                    fmt::format("is more than a part: the group has {} members; leave it out to "
                                "wait for all",
                                members));
    }
    if (group.mode() == v1::GROUP_MODE_RENDEZVOUS && guard.has_max_injections() &&
        guard.max_injections() < (group.has_quorum() ? group.quorum() : members)) {
      review_.Say(path + ".rules",
                  fmt::format("the members can never fire together: guard.max_injections allows {}",
                              guard.max_injections()));
    }
  }

  // A call that waits at a rendezvous waits on while phases change.
  bool MayMeet(const v1::Group& group, const std::string& one, const std::string& other) const {
    return group.mode() == v1::GROUP_MODE_RENDEZVOUS &&
           (CanFollow(scenario_, one, other) || CanFollow(scenario_, other, one));
  }

  // Two members that wait for the other's injection before they can match.
  void CheckSharedCalls(const std::string& path, const v1::Group& group) {
    if (group.mode() != v1::GROUP_MODE_RENDEZVOUS) return;
    for (int i = 0; i < group.rules_size(); ++i) {
      const v1::On& on = rules_.at(group.rules(i))->when().on();
      const auto& members = group.rules();
      if (!on.has_injection() || on.injection() == group.rules(i) ||
          std::find(members.begin(), members.end(), on.injection()) == members.end()) {
        continue;
      }
      if (rules_.at(on.injection())->when().has_first() ||
          rules_.at(on.injection())->when().has_nth() || !on.has_within()) {
        review_.Say(fmt::format("{}.rules[{}]", path, i),
                    fmt::format("the members can never meet: `{}` waits for an injection of `{}`, "
                                "which waits for it here",
                                group.rules(i), on.injection()));
      }
    }
  }

  void CheckMost(const std::string& path, const v1::Group& group) {
    if (!group.has_most()) {
      review_.Say(path, "mode = \"at_most\" needs `most`: how often its members may fire together");
      return;
    }
    uint64_t limits = 0;
    for (const std::string& member : group.rules()) limits += MostInjections(*rules_.at(member));
    if (group.most() < limits) return;
    review_.SayOf(path + ".most", fmt::format("limits nothing: the members' own limits allow {} "
                                              "injections in all",
                                              limits));
  }

  void CheckK(const std::string& path, const v1::Group& group) {
    if (!group.has_k()) {
      review_.Say(path, "mode = \"k_of_n\" needs `k`: how many of its members are in each run");
    } else if (group.k() >= static_cast<uint32_t>(group.rules_size())) {
      review_.SayOf(path + ".k", fmt::format("leaves nothing out: the group has {} members",
                                             group.rules_size()));
    }
  }

  // Two groups that share members and cannot both have their way.
  void CheckAgainst(const std::string& path, const v1::Group& group, const v1::Group& other) {
    std::vector<int> shared;
    for (int i = 0; i < group.rules_size(); ++i) {
      const auto& members = other.rules();
      if (std::find(members.begin(), members.end(), group.rules(i)) != members.end())
        shared.push_back(i);
    }
    if (shared.empty()) return;
    const std::string place = fmt::format("{}.rules[{}]", path, shared.front());
    const std::string& name = group.rules(shared.front());
    const v1::GroupMode one = group.mode(), two = other.mode();
    if (one == v1::GROUP_MODE_RENDEZVOUS && two == v1::GROUP_MODE_RENDEZVOUS) {
      review_.Say(place, fmt::format("`{}` cannot wait in two places: it is in the rendezvous `{}` "
                                     "already",
                                     name, other.name()));
    } else if (shared.size() > 1 && ((IsTogether(one) && two == v1::GROUP_MODE_ORDERED) ||
                                     (IsTogether(two) && one == v1::GROUP_MODE_ORDERED))) {
      review_.Say(
          place,
          fmt::format("this group contradicts the group `{}`: members cannot be armed together "
                      "and one after the other",
                      other.name()));
    }
    CheckCaps(path, group, other, shared.size());
    CheckCaps(path, other, group, shared.size());
    CheckDrawn(path, group, other, shared.size());
    CheckDrawn(path, other, group, shared.size());
  }

  // `all` wants each member to fire, and of `drawn` some are never in the same run.
  void CheckDrawn(const std::string& path, const v1::Group& drawn, const v1::Group& all,
                  size_t shared) {
    if (drawn.mode() != v1::GROUP_MODE_K_OF_N || drawn.k() >= shared || !drawn.has_k()) return;
    if (!IsTogether(all.mode()) && all.mode() != v1::GROUP_MODE_ALL_OR_LABEL) return;
    review_.Say(path + ".rules",
                fmt::format("the group `{}` wants {} members in one run, and `{}` draws {} of them",
                            all.name(), shared, drawn.name(), drawn.k()));
  }

  // `all` wants each member to fire, and `capped` allows fewer.
  void CheckCaps(const std::string& path, const v1::Group& capped, const v1::Group& all,
                 size_t shared) {
    if (capped.mode() != v1::GROUP_MODE_AT_MOST || !capped.has_most() || capped.most() >= shared)
      return;
    if (all.mode() != v1::GROUP_MODE_RENDEZVOUS && all.mode() != v1::GROUP_MODE_ALL_OR_LABEL)
      return;
    review_.Say(path + ".rules",
                fmt::format("contradictory limits: the group `{}` wants {} members to fire, and "
                            "`{}` allows {}",
                            all.name(), shared, capped.name(), capped.most()));
  }

  // Rules that each wait for the other to fire first.
  void CheckOrder() {
    // From each rule to those that it must come after, with the place that says so.
    std::map<std::string_view, std::map<std::string_view, std::string>> after;
    for (int i = 0; i < scenario_.group_size(); ++i) {
      const v1::Group& group = scenario_.group(i);
      if (group.mode() != v1::GROUP_MODE_ORDERED) continue;
      for (int j = 1; j < group.rules_size(); ++j) {
        if (group.rules(j) == group.rules(j - 1)) continue;
        after[group.rules(j)].try_emplace(group.rules(j - 1),
                                          fmt::format("group[{}].rules[{}]", i, j));
      }
    }
    std::set<std::string_view> done;
    for (const auto& [rule, before] : after) {
      std::vector<std::string_view> way;
      if (Circles(after, rule, done, way)) return;
    }
  }

  bool Circles(const std::map<std::string_view, std::map<std::string_view, std::string>>& after,
               std::string_view rule, std::set<std::string_view>& done,
               std::vector<std::string_view>& way) {
    const auto seen = std::find(way.begin(), way.end(), rule);
    if (seen != way.end()) {
      way.erase(way.begin(), seen);
      review_.Say(after.at(way.back()).at(rule),
                  fmt::format("none of them can ever fire: each of {} must come after another",
                              fmt::join(way, ", ")));
      return true;
    }
    const auto edges = after.find(rule);
    if (edges == after.end() || done.contains(rule)) return false;
    way.push_back(rule);
    for (const auto& [before, place] : edges->second) {
      if (Circles(after, before, done, way)) return true;
    }
    way.pop_back();
    done.insert(rule);
    return false;
  }

  Review& review_;
  const v1::Scenario& scenario_;
  std::map<std::string, const v1::Rule*> rules_;
};

}  // namespace

void CheckGroups(Review& review) { GroupReview(review).Run(); }

}  // namespace murphy::scenario
