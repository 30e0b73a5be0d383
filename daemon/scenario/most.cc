// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/most.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "daemon/scenario/check.h"
#include "faults/catalog.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

constexpr int kDeepest = 4;

uint64_t Most(const v1::Trigger& when, int depth) {
  if (when.has_probability() && when.probability() <= 0) return 0;
  uint64_t most = kUnbounded;
  if (when.has_first()) most = std::min<uint64_t>(most, when.first());
  if (when.has_nth()) most = std::min<uint64_t>(most, 1);
  if (when.between_size() == 2 && when.between(0) <= when.between(1)) {
    most = std::min<uint64_t>(most, when.between(1) - when.between(0) + 1);
  }
  // Deeper ones are a mistake of their own.
  if (depth == kDeepest) return most;
  for (const v1::Trigger& part : when.all()) most = std::min(most, Most(part, depth + 1));
  uint64_t any = 0;
  for (const v1::Trigger& part : when.any()) any += Most(part, depth + 1);
  return when.any().empty() ? most : std::min(most, any);
}

// Most injections of one rule in its phase, where the phase ends with its injections and never
// comes back: on each exchange a rule fires once. An end that the guard does not let it reach is a
// mistake of the phase, and no bound.
uint64_t MostInPhase(const v1::Scenario& scenario, const v1::Rule& rule) {
  bool comes_back = false;
  uint64_t most = kUnbounded;
  for (const v1::Phase& phase : scenario.phase()) {
    comes_back = comes_back || phase.has_next();
    if (!rule.has_phase() || phase.name() != rule.phase()) continue;
    comes_back = comes_back || phase.has_enter() || phase.has_enter_on();
    for (const v1::Progress& until : phase.until()) {
      v1::Progress others = until;
      others.clear_injections();
      const bool alone = until.has_injections() && others.ByteSizeLong() == 0;
      const v1::Guard& guard = scenario.guard();
      const bool ends = !guard.has_max_injections() || until.injections() <= guard.max_injections();
      if (alone && ends) most = std::min<uint64_t>(most, until.injections());
    }
  }
  return comes_back ? kUnbounded : most;
}

// Calls, by their number, from the first to the last.
using Calls = std::pair<uint64_t, uint64_t>;

// Whatever the rule injects, it is a terminal fault.
bool IsTerminal(const v1::Rule& rule) {
  std::vector<const v1::Fault*> faults;
  if (rule.has_fault()) faults.push_back(&rule.fault());
  for (const v1::Alternative& one : rule.one_of()) faults.push_back(&one.fault());
  for (const v1::AttemptStep& step : rule.by_attempt()) faults.push_back(&step.fault());
  return !faults.empty() && std::all_of(faults.begin(), faults.end(), [](const v1::Fault* fault) {
    return fault->kind_case() != v1::Fault::KIND_NOT_SET && MakeFault(*fault)->terminal();
  });
}

// The calls that a rule selects by their number alone, and on each of which one terminal fault
// acts: of several such rules the others are masked, and spend nothing.
std::optional<Calls> TerminalCalls(const v1::Rule& rule) {
  v1::Trigger others = rule.when();
  others.clear_first();
  others.clear_nth();
  others.clear_between();
  const v1::Trigger& when = rule.when();
  const bool counts_calls = !rule.has_count() && !rule.has_count_per() && !rule.has_intensity();
  if (!counts_calls || others.ByteSizeLong() > 0 || !IsTerminal(rule)) return std::nullopt;
  if (when.has_first() + when.has_nth() + (when.between_size() == 2 ? 1 : 0) != 1)
    return std::nullopt;
  if (when.has_first()) return Calls{1, when.first()};
  if (when.has_nth()) return Calls{when.nth(), when.nth()};
  return Calls{when.between(0), when.between(1)};
}

uint64_t CountOf(std::vector<Calls> calls) {
  std::sort(calls.begin(), calls.end());
  uint64_t count = 0, last = 0;
  for (const auto& [first, end] : calls) {
    if (end <= last) continue;
    count += end - std::max(first, last + 1) + 1;
    last = end;
  }
  return count;
}

// Rules of one target and phase that mask each other where they meet.
class Meetings {
 public:
  // The part of the reckoning that the rule belongs to; `fresh`: it is the first of it.
  std::optional<size_t> PartOf(const v1::Rule& rule, size_t fresh) {
    const std::optional<Calls> calls = TerminalCalls(rule);
    if (!calls.has_value()) return std::nullopt;
    const std::string key =
        fmt::format("{}\n{}\n{}\n{}", fmt::join(rule.target(), "\t"), rule.phase(),
                    fmt::join(rule.attempts(), ","), fmt::join(rule.failures(), ","));
    const size_t part = parts_.try_emplace(key, fresh).first->second;
    calls_[part].push_back(*calls);
    return part;
  }
  const std::map<size_t, std::vector<Calls>>& calls() const { return calls_; }

 private:
  std::map<std::string, size_t> parts_;
  std::map<size_t, std::vector<Calls>> calls_;
};

bool IsLiteral(std::string_view glob) {
  return !glob.empty() && glob.find_first_of("*?") == std::string_view::npos;
}

// What the target's calls are called; empty when that is not one name.
std::string_view OnlyName(const v1::Target& target) {
  for (const auto* names : {&target.name(), &target.model()}) {
    if (names->size() == 1 && IsLiteral((*names)[0])) return (*names)[0];
  }
  return {};
}

}  // namespace

uint64_t MostInjections(const v1::Rule& rule) {
  uint64_t most = kUnbounded;
  if (rule.has_limit()) most = std::min<uint64_t>(most, rule.limit());
  const bool several =
      rule.has_count_per() && rule.count_per() != "run" && rule.count_per() != "experiment";
  if (!several && rule.count() != v1::COUNT_UNIT_OPERATIONS)
    return std::min(most, Most(rule.when(), 0));
  return rule.when().has_probability() && rule.when().probability() <= 0 ? 0 : most;
}

Reckoning Reckon(const v1::Scenario& scenario, std::string_view of) {
  // Names of what is bounded, with the bound, in file order of their first rule.
  std::vector<std::pair<std::string, uint64_t>> parts;
  std::map<std::string, size_t> part_of;
  for (const v1::Group& group : scenario.group()) {
    if (group.mode() != v1::GROUP_MODE_AT_MOST || !group.has_most()) continue;
    for (const std::string& member : group.rules()) part_of.try_emplace(member, parts.size());
    parts.emplace_back(fmt::format("the group {}", group.name()), 0);
  }
  const size_t groups = parts.size();
  Meetings meetings;
  for (int i = 0; i < scenario.rule_size(); ++i) {
    const v1::Rule& rule = scenario.rule(i);
    if (!of.empty() && (rule.target_size() != 1 || rule.target(0) != of)) continue;
    const std::string id = RuleId(rule, static_cast<uint32_t>(i));
    const uint64_t most = std::min(MostInjections(rule), MostInPhase(scenario, rule));
    const auto group = part_of.find(id);
    if (group != part_of.end()) {
      parts[group->second].second += most;
      continue;
    }
    const size_t part = meetings.PartOf(rule, parts.size()).value_or(parts.size());
    if (part == parts.size()) {
      parts.emplace_back(id, most);
    } else {
      parts[part].first += fmt::format(" and {}", id);
      parts[part].second += most;
    }
  }
  for (const auto& [part, calls] : meetings.calls())
    parts[part].second = std::min(parts[part].second, CountOf(calls));
  size_t index = 0;
  for (const v1::Group& group : scenario.group()) {
    if (group.mode() != v1::GROUP_MODE_AT_MOST || !group.has_most()) continue;
    parts[index].second = std::min<uint64_t>(parts[index].second, group.most());
    ++index;
  }
  Reckoning reckoning;
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto& [name, most] = parts[i];
    if (most >= kUnbounded || (i < groups && most == 0)) continue;
    reckoning.most += most;
    reckoning.sum += fmt::format("{}{} ({})", reckoning.sum.empty() ? "" : " + ", name, most);
  }
  return reckoning;
}

bool CanHit(const v1::Scenario& scenario, const v1::Rule& rule, std::string_view target) {
  if (rule.target().empty()) return true;
  const auto two = scenario.target().find(std::string(target));
  const auto is_called = [](const v1::Target& which) {
    return which.kind() == v1::TARGET_KIND_MODEL || which.kind() == v1::TARGET_KIND_TOOL;
  };
  return std::any_of(rule.target().begin(), rule.target().end(), [&](const std::string& own) {
    const auto one = scenario.target().find(own);
    // An unknown name is a mistake of its own.
    if (own == target || one == scenario.target().end() || two == scenario.target().end())
      return true;
    const v1::Target &mine = one->second, &other = two->second;
    if (is_called(mine) && is_called(other) && mine.kind() != other.kind()) return false;
    const std::string_view name = OnlyName(mine), named = OnlyName(other);
    return name.empty() || named.empty() || name == named;
  });
}

bool IsOneName(const v1::Target& target) { return !OnlyName(target).empty(); }

}  // namespace murphy::scenario
