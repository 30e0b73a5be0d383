// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "daemon/scenario/check.h"
#include "daemon/scenario/most.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

constexpr int kDeepest = 4;

// What must have happened before a rule can fire.
struct Needs {
  std::string path;
  // Rules that must have fired, because its conditions, or its cause, wait for them.
  std::vector<std::string_view> injections;
  std::string_view cause;
  // The member before it in an `ordered` group.
  std::vector<std::string_view> before;
  // Injections of any rules on `of`, empty for all.
  uint64_t count = 0;
  std::string_view of;
};

class Waiting {
 public:
  explicit Waiting(Review& review) : review_(review), scenario_(review.scenario()) {
    for (int i = 0; i < scenario_.rule_size(); ++i) {
      const v1::Rule& rule = scenario_.rule(i);
      const std::string id = RuleId(rule, static_cast<uint32_t>(i));
      rules_.try_emplace(id, &rule);
      Needs& needs = needs_[id];
      needs.path = fmt::format("rule[{}].when", i);
      AddTrigger(rule.when(), 0, needs);
      AddCause(rule.when(), needs);
    }
    for (const v1::Group& group : scenario_.group()) {
      if (group.mode() != v1::GROUP_MODE_ORDERED) continue;
      for (int i = 1; i < group.rules_size(); ++i) {
        const auto member = needs_.find(group.rules(i));
        // A member twice is a mistake of its own.
        if (member == needs_.end() || group.rules(i) == group.rules(i - 1)) continue;
        member->second.before.push_back(group.rules(i - 1));
      }
    }
  }

  void Run() {
    CheckPhases();
    bool changed = true;
    while (changed) {
      changed = false;
      for (const auto& [id, needs] : needs_) {
        if (fires_.contains(id) || !CanFire(needs)) continue;
        fires_.insert(id);
        changed = true;
      }
    }
    for (const auto& [id, needs] : needs_) {
      if (!fires_.contains(id)) Report(id, needs);
    }
  }

 private:
  static void AddTrigger(const v1::Trigger& trigger, int depth, Needs& needs) {
    if (trigger.on().has_injection()) needs.injections.push_back(trigger.on().injection());
    if (trigger.after().injections() > needs.count) {
      needs.count = trigger.after().injections();
      needs.of = trigger.after().of();
    }
    if (depth == kDeepest) return;
    for (const v1::Trigger& part : trigger.all()) AddTrigger(part, depth + 1, needs);
  }

  void AddCause(const v1::Trigger& when, Needs& needs) {
    const auto cause = scenario_.cause().find(when.cause());
    if (!when.has_cause() || when.cause_off() > 0 || cause == scenario_.cause().end()) return;
    needs.cause = cause->first;
    if (cause->second.on().has_injection())
      needs.injections.push_back(cause->second.on().injection());
  }

  bool Fires(std::string_view id) const {
    // An unknown name is a mistake of its own.
    return !needs_.contains(std::string(id)) || fires_.contains(std::string(id));
  }

  uint64_t MostBefore(const Needs& needs) const {
    uint64_t most = 0;
    for (const std::string& id : fires_) {
      const v1::Rule& rule = *rules_.at(id);
      if (needs.of.empty() || CanHit(scenario_, rule, needs.of)) most += MostInjections(rule);
    }
    return most;
  }

  bool CanFire(const Needs& needs) const {
    const auto fires = [this](std::string_view id) { return Fires(id); };
    return std::all_of(needs.injections.begin(), needs.injections.end(), fires) &&
           std::all_of(needs.before.begin(), needs.before.end(), fires) &&
           (needs.count == 0 || MostBefore(needs) >= needs.count);
  }

  bool WaitsFor(std::string_view from, std::string_view id,
                std::set<std::string_view>& seen) const {
    if (from == id) return true;
    const auto needs = needs_.find(std::string(from));
    if (needs == needs_.end() || !seen.insert(from).second) return false;
    const auto leads = [&](std::string_view next) { return WaitsFor(next, id, seen); };
    const auto& [injections, before] = std::tie(needs->second.injections, needs->second.before);
    return std::any_of(injections.begin(), injections.end(), leads) ||
           std::any_of(before.begin(), before.end(), leads);
  }

  void Report(const std::string& id, const Needs& needs) {
    std::vector<std::string_view> missing;
    for (const std::string_view other : needs.injections) {
      // One that only waits for a circle of others is told by theirs.
      std::set<std::string_view> seen;
      if (!Fires(other) && WaitsFor(other, id, seen)) missing.push_back(other);
    }
    if (!missing.empty()) {
      const bool by_cause =
          !needs.cause.empty() &&
          scenario_.cause().at(std::string(needs.cause)).on().injection() == missing.back();
      review_.Say(
          needs.path,
          fmt::format("rule `{}` {} an injection of `{}`, which never fires before "
                      "it: they wait for each other",
                      id,
                      by_cause ? fmt::format("follows the cause `{}`, which waits for", needs.cause)
                               : "waits for",
                      fmt::join(missing, "`, `")));
    } else if (needs.count > 0 && MostBefore(needs) < needs.count) {
      review_.SayOf(
          needs.path + ".after",
          fmt::format("is never reached: rule `{}` waits for {} injection{}, and the others "
                      "make at most {} before it",
                      id, needs.count, needs.count == 1 ? "" : "s", MostBefore(needs)));
    }
    // What is left waits for these, or in a circle of groups, which is said there.
  }

  // A rule whose phase is over when what it waits for can happen.
  void CheckPhases() {
    for (const auto& [id, needs] : needs_) {
      const v1::Rule& rule = *rules_.at(id);
      for (const std::string_view other : needs.injections) {
        const auto awaited = rules_.find(std::string(other));
        if (awaited == rules_.end() || !rule.has_phase() || !awaited->second->has_phase() ||
            CanFollow(scenario_, awaited->second->phase(), rule.phase())) {
          continue;
        }
        review_.Say(needs.path,
                    fmt::format("rule `{}` never fires: its phase `{}` is over when `{}`, which it "
                                "waits for, is armed in phase `{}`",
                                id, rule.phase(), other, awaited->second->phase()));
      }
    }
  }

  Review& review_;
  const v1::Scenario& scenario_;
  std::map<std::string, Needs> needs_;
  std::map<std::string, const v1::Rule*> rules_;
  // Rules that can.
  std::set<std::string> fires_;
};

}  // namespace

void CheckWaiting(Review& review) { Waiting(review).Run(); }

}  // namespace murphy::scenario
