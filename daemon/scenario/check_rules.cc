// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <map>

#include "daemon/scenario/check.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

void CheckAttempts(Review& review, const std::string& path, const v1::Rule& rule) {
  if (rule.attempts().empty()) return;
  const std::string field = path + ".attempts";
  if (rule.attempts_size() != 2) {
    review.Say(field, "write the first and the last attempt, as `[1, 1]`");
  } else if (rule.attempts(0) < 1) {
    review.Say(field, "attempts count from 1");
  } else if (rule.attempts(0) > rule.attempts(1)) {
    review.Say(field, fmt::format("no attempt lies between {} and {}: the first is above the last",
                                  rule.attempts(0), rule.attempts(1)));
  }
}

// All targets of the rule are of this kind.
bool OnlyOf(const Review& review, const v1::Rule& rule, v1::TargetKind kind) {
  const auto& targets = review.scenario().target();
  return !rule.target().empty() &&
         std::all_of(rule.target().begin(), rule.target().end(), [&](const std::string& name) {
           const auto target = targets.find(name);
           return target != targets.end() && target->second.kind() == kind;
         });
}

// What `where` asks for beside what the rule itself selects.
void CheckWhereFits(Review& review, const std::string& path, const v1::Rule& rule) {
  const v1::Where& where = rule.when().where();
  if (rule.attempts_size() == 2 && where.attempts_size() == 2 &&
      (where.attempts(0) > rule.attempts(1) || where.attempts(1) < rule.attempts(0))) {
    review.Say(
        path + ".when.where.attempts",
        fmt::format("contradicts the rule's own `attempts`: no attempt is in [{}, {}] and "
                    "in [{}, {}]",
                    where.attempts(0), where.attempts(1), rule.attempts(0), rule.attempts(1)));
  }
  if (where.has_tool() && OnlyOf(review, rule, v1::TARGET_KIND_MODEL)) {
    review.SayOf(path + ".when.where.tool",
                 fmt::format("selects nothing: target `{}` has calls to models only",
                             fmt::join(rule.target(), "`, `")));
  }
  if (where.has_model() && OnlyOf(review, rule, v1::TARGET_KIND_TOOL)) {
    review.SayOf(path + ".when.where.model",
                 fmt::format("selects nothing: target `{}` has calls to tools only",
                             fmt::join(rule.target(), "`, `")));
  }
}

void CheckRuleTargets(Review& review, const std::string& path, const v1::Rule& rule) {
  for (int i = 0; i < rule.target_size(); ++i) {
    const std::string place =
        rule.target_size() == 1 ? path + ".target" : fmt::format("{}.target[{}]", path, i);
    const auto& before = rule.target();
    if (std::find(before.begin(), before.begin() + i, rule.target(i)) != before.begin() + i) {
      review.Say(place, fmt::format("`{}` is named twice", rule.target(i)));
    } else {
      review.KnowsTarget(place, rule.target(i));
    }
  }
}

void CheckRule(Review& review, const std::string& path, const v1::Rule& rule) {
  CheckRuleTargets(review, path, rule);
  if (rule.has_phase()) review.KnowsPhase(path + ".phase", rule.phase());
  CheckAttempts(review, path, rule);
  if (rule.has_when()) CheckTrigger(review, path + ".when", rule.when());
  CheckVariants(review, path, rule);
  CheckWhereFits(review, path, rule);
}

}  // namespace

std::string RuleId(const v1::Rule& rule, uint32_t index) {
  return rule.has_id() ? rule.id() : fmt::format("rule-{}", index + 1);
}

void CheckRules(Review& review) {
  std::map<std::string, int> ids;
  for (int i = 0; i < review.scenario().rule_size(); ++i) {
    const v1::Rule& rule = review.scenario().rule(i);
    const std::string path = fmt::format("rule[{}]", i);
    CheckRule(review, path, rule);
    const std::string id = RuleId(rule, static_cast<uint32_t>(i));
    if (rule.has_id()) review.CheckName(path + ".id", "rule", id);
    const auto [first, fresh] = ids.emplace(id, i);
    if (!fresh) {
      review.Say(
          rule.has_id() ? path + ".id" : path,
          fmt::format("rules number {} and {} are both called `{}`", first->second + 1, i + 1, id));
    }
  }
}

}  // namespace murphy::scenario
