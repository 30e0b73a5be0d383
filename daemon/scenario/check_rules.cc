// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <map>

#include "daemon/scenario/check.h"
#include "daemon/scenario/selector.h"
#include "faults/catalog.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

constexpr v1::TargetKind kKinds[] = {v1::TARGET_KIND_MODEL, v1::TARGET_KIND_TOOL,
                                     v1::TARGET_KIND_MCP, v1::TARGET_KIND_HTTP};

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

void CheckFit(Review& review, const std::string& path, const v1::Rule& rule,
              const v1::Target* target) {
  const v1::FaultInfo& info = InfoOf(rule.fault());
  const std::string_view fault = FaultName(rule.fault());
  if (target != nullptr) {
    const Selector selector(*target);
    const bool fits = std::any_of(std::begin(kKinds), std::end(kKinds), [&](v1::TargetKind kind) {
      return selector.Offers(kind) && CanActOn(info.scope(), kind);
    });
    if (!fits) {
      review.Say(fmt::format("{}.{}", path, fault),
                 fmt::format("`{}` acts on calls to {}, and target `{}` has none", fault,
                             info.scope() == v1::SCOPE_MODEL ? "models" : "tools", rule.target()));
    }
  }
  const bool harmless = target != nullptr && target->role() == v1::TARGET_ROLE_READ;
  if (info.repeats_effect() && !harmless && !review.scenario().guard().allow_side_effects()) {
    review.Say(fmt::format("{}.{}", path, fault),
               fmt::format("`{}` can make the upstream act more than once: {} role = \"read\", or "
                           "set guard.allow_side_effects = true, for an inline or one-off fault in the "
                           "daemon's configuration",
                           fault, target == nullptr ? "name a target with" : "declare its target"));
  }
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
  const auto target = review.scenario().target().find(rule.target());
  if (target == review.scenario().target().end()) return;
  const v1::TargetKind kind = target->second.kind();
  if (where.has_tool() && kind == v1::TARGET_KIND_MODEL) {
    review.SayOf(
        path + ".when.where.tool",
        fmt::format("selects nothing: target `{}` has calls to models only", rule.target()));
  }
  if (where.has_model() && kind == v1::TARGET_KIND_TOOL) {
    review.SayOf(
        path + ".when.where.model",
        fmt::format("selects nothing: target `{}` has calls to tools only", rule.target()));
  }
}

void CheckRule(Review& review, const std::string& path, const v1::Rule& rule) {
  const bool known = !rule.has_target() || review.KnowsTarget(path + ".target", rule.target());
  if (rule.has_phase()) review.KnowsPhase(path + ".phase", rule.phase());
  CheckAttempts(review, path, rule);
  if (rule.has_when()) CheckTrigger(review, path + ".when", rule.when());
  if (rule.fault().kind_case() == v1::Fault::KIND_NOT_SET) {
    review.Say(path, "the rule names no fault: nothing would go wrong");
    return;
  }
  CheckFault(review, path, rule.fault());
  CheckWhereFits(review, path, rule);
  if (known) {
    CheckFit(review, path, rule,
             rule.has_target() ? &review.scenario().target().at(rule.target()) : nullptr);
  }
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
