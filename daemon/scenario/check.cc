// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/check.h"

#include <algorithm>

#include "faults/nearest.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

constexpr std::string_view kSchema = "murphy.scenario/v1";
constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-";
constexpr size_t kLongestName = 200;
constexpr size_t kMostListed = 12;
constexpr double kDefaultP0 = 0.10;
constexpr double kDefaultP1 = 0.30;

void CheckHead(Review& review) {
  const v1::Scenario& scenario = review.scenario();
  if (scenario.schema() != kSchema) {
    review.Say("schema", fmt::format("`{}` is not a schema of this version; expected `{}`",
                                     scenario.schema(), kSchema));
  }
  const std::string& name = scenario.name();
  if (name.empty() || name.find_first_not_of(kNameCharacters) != std::string::npos) {
    review.Say("name",
               fmt::format("`{}` is not a name: use lower-case letters, digits and `-`", name));
  }
}

void CheckVerdict(Review& review) {
  if (!review.scenario().has_verdict()) return;
  const v1::Verdict& verdict = review.scenario().verdict();
  const double p0 = verdict.has_p0() ? verdict.p0() : kDefaultP0;
  const double p1 = verdict.has_p1() ? verdict.p1() : kDefaultP1;
  if (p0 < p1) return;
  review.Say(verdict.has_p0() ? "verdict.p0" : "verdict.p1",
             fmt::format("the tolerated rate p0 = {} must be below the rate to be found, p1 = {}",
                         p0, p1));
}

}  // namespace

Review::Review(const v1::Scenario& scenario, std::vector<Mistake>& mistakes)
    : scenario_(scenario), mistakes_(mistakes) {
  for (const auto& entry : scenario.target()) targets_.push_back(entry.first);
  for (const v1::Phase& phase : scenario.phase()) phases_.push_back(phase.name());
  for (int i = 0; i < scenario.rule_size(); ++i)
    rules_.push_back(RuleId(scenario.rule(i), static_cast<uint32_t>(i)));
  for (const auto& entry : scenario.cause()) causes_.push_back(entry.first);
  std::sort(causes_.begin(), causes_.end());
  std::sort(targets_.begin(), targets_.end());
  std::sort(rules_.begin(), rules_.end());
  std::sort(phases_.begin(), phases_.end());
}

void Review::Say(std::string path, std::string message) {
  mistakes_.push_back({.path = std::move(path), .message = std::move(message)});
}

void Review::SayOfLimit(std::string_view limit, std::string_view message) {
  mistakes_.push_back({.path = fmt::format("guard.{}", limit),
                       .message = fmt::format("{}, or raise guard.{}", message, limit),
                       .limit = std::string(limit)});
}

void Review::SayOf(std::string path, std::string_view predicate) {
  std::string_view key = path;
  key.remove_prefix(key.rfind('.') == std::string_view::npos ? 0 : key.rfind('.') + 1);
  key = key.substr(0, key.find('['));
  std::string message = fmt::format("`{}` {}", key, predicate);
  Say(std::move(path), std::move(message));
}

bool Review::KnowsTarget(std::string path, std::string_view name) {
  if (std::binary_search(targets_.begin(), targets_.end(), name)) return true;
  SayUndefined(std::move(path), "target", name, targets_);
  return false;
}

bool Review::KnowsPhase(std::string path, std::string_view name) {
  if (std::binary_search(phases_.begin(), phases_.end(), name)) return true;
  SayUndefined(std::move(path), "phase", name, phases_);
  return false;
}

bool Review::KnowsRule(std::string path, std::string_view id) {
  if (std::binary_search(rules_.begin(), rules_.end(), id)) return true;
  SayUndefined(std::move(path), "rule", id, rules_);
  return false;
}

bool Review::KnowsCause(std::string path, std::string_view name) {
  if (std::binary_search(causes_.begin(), causes_.end(), name)) return true;
  SayUndefined(std::move(path), "cause", name, causes_);
  return false;
}

void Review::CheckName(std::string path, std::string_view what, std::string_view name) {
  if (name.empty()) return Say(std::move(path), fmt::format("a {} needs a name", what));
  if (name.size() > kLongestName) {
    return Say(std::move(path),
               fmt::format("the name of a {} has at most {} bytes, and this one {}", what,
                           kLongestName, name.size()));
  }
  const bool prints = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!prints)
    Say(std::move(path), fmt::format("the name of a {} has no control characters", what));
}

void Review::SayUndefined(std::string path, std::string_view what, std::string_view name,
                          const std::vector<std::string>& accepted) {
  const std::string_view nearest = NearestName(name, accepted);
  std::string message = fmt::format("there is no {} `{}`", what, name);
  if (!nearest.empty()) message += fmt::format("; did you mean `{}`?", nearest);
  if (accepted.empty()) message += "; the scenario defines none";
  if (nearest.empty() && !accepted.empty() && accepted.size() <= kMostListed)
    message += fmt::format("; the scenario defines `{}`", fmt::join(accepted, "`, `"));
  Say(std::move(path), std::move(message));
}

void Check(const v1::Scenario& scenario, std::vector<Mistake>& mistakes) {
  Review review(scenario, mistakes);
  CheckHead(review);
  CheckTargets(review);
  CheckPhases(review);
  CheckRules(review);
  CheckWaiting(review);
  CheckCauses(review);
  CheckGroups(review);
  CheckGuard(review);
  CheckExpectations(review);
  CheckRun(review);
  CheckProbes(review);
  CheckVerdict(review);
}

}  // namespace murphy::scenario
