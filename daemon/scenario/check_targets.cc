// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include "daemon/scenario/check.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

// Sorted: what is said must not depend on the order of a protobuf map.
using Targets = std::map<std::string_view, const v1::Target*>;

bool IsKeyPlace(std::string_view place) {
  return (place.starts_with("header:") && place.size() > 7) || place.starts_with("json:/");
}

bool IsIgnorable(std::string_view place) {
  return (place.starts_with("header:") && place.size() > 7) ||
         (place.starts_with('/') && place.size() > 1);
}

// A v1::Target or a v1::Exclusion.
template <typename Spec>
void CheckModel(Review& review, const std::string& path, const Spec& spec) {
  if (spec.model().empty() || spec.kind() == v1::TARGET_KIND_UNSPECIFIED ||
      spec.kind() == v1::TARGET_KIND_MODEL)
    return;
  review.Say(path + ".model",
             "only calls to models have a model: remove `model`, or set kind = \"model\"");
}

void CheckExclusions(Review& review, const std::string& path, const v1::Target& target) {
  for (int i = 0; i < target.excluded_size(); ++i) {
    const v1::Exclusion& exclusion = target.excluded(i);
    const std::string place =
        target.excluded_size() == 1 ? path + ".not" : fmt::format("{}.not[{}]", path, i);
    if (exclusion.ByteSizeLong() == 0)
      review.SayOf(place, "says nothing, and would leave out everything: name a key of a target");
    CheckModel(review, place, exclusion);
  }
}

void CheckOne(Review& review, const std::string& path, const v1::Target& target) {
  CheckModel(review, path, target);
  CheckExclusions(review, path, target);
  if (target.has_idempotency_key() && !IsKeyPlace(target.idempotency_key())) {
    review.Say(path + ".idempotency_key",
               fmt::format("`{}` says no place: write `header:NAME` or `json:/POINTER`",
                           target.idempotency_key()));
  }
  for (int i = 0; i < target.ignore_size(); ++i) {
    const std::string& place = target.ignore(i);
    if (IsIgnorable(place)) continue;
    review.Say(fmt::format("{}.ignore[{}]", path, i),
               fmt::format("`{}` says no place: write `/POINTER` or `header:NAME`", place));
  }
  if (target.has_fallback_for()) {
    review.KnowsTarget(path + ".fallback_for", target.fallback_for());
  }
}

std::string_view Replaced(const Targets& targets, std::string_view name) {
  const auto found = targets.find(name);
  return found != targets.end() ? std::string_view(found->second->fallback_for())
                                : std::string_view();
}

// Every target replaces at most one other: walking along these edges either ends or meets its own
// trail. Each cycle is said once.
void CheckCycles(Review& review, const Targets& targets) {
  std::set<std::string_view> done;
  for (const auto& start : targets) {
    std::vector<std::string_view> trail;
    std::string_view name = start.first;
    while (!name.empty() && !done.contains(name)) {
      done.insert(name);
      trail.push_back(name);
      name = Replaced(targets, name);
    }
    const auto again = std::find(trail.begin(), trail.end(), name);
    if (again == trail.end()) continue;
    const std::vector<std::string_view> cycle(again, trail.end());
    review.Say(fmt::format("target.{}.fallback_for", cycle.front()),
               cycle.size() == 1 ? "a target cannot be its own fallback"
                                 : fmt::format("fallbacks go round in a circle: {} for {}",
                                               fmt::join(cycle, " for "), cycle.front()));
  }
}

}  // namespace

void CheckTargets(Review& review) {
  Targets targets;
  for (const auto& [name, target] : review.scenario().target()) targets.emplace(name, &target);
  for (const auto& [name, target] : targets) {
    const std::string path = fmt::format("target.{}", name);
    review.CheckName(path, "target", name);
    CheckOne(review, path, *target);
  }
  CheckCycles(review, targets);
}

}  // namespace murphy::scenario
