// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/scenario/check.h"
#include "daemon/scenario/selector.h"
#include "faults/catalog.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

constexpr v1::TargetKind kKinds[] = {v1::TARGET_KIND_MODEL, v1::TARGET_KIND_TOOL,
                                     v1::TARGET_KIND_MCP, v1::TARGET_KIND_HTTP};
constexpr int kMostVariants = 64;

const char* WhatIt(v1::Scope scope) { return scope == v1::SCOPE_MODEL ? "models" : "tools"; }

// `path` leads to the fault.
void CheckFit(Review& review, const std::string& path, const v1::Rule& rule,
              const v1::Fault& fault) {
  const v1::FaultInfo& info = InfoOf(fault);
  const std::string_view name = FaultName(fault);
  bool harmless = !rule.target().empty();
  for (const std::string& called : rule.target()) {
    const auto target = review.scenario().target().find(called);
    // An unknown name is a mistake of its own.
    if (target == review.scenario().target().end()) return;
    harmless = harmless && target->second.role() == v1::TARGET_ROLE_READ;
    const Selector selector(target->second);
    const bool fits = std::any_of(std::begin(kKinds), std::end(kKinds), [&](v1::TargetKind kind) {
      return selector.Offers(kind) && CanActOn(info.scope(), kind);
    });
    if (fits) continue;
    review.Say(path, fmt::format("`{}` acts on calls to {}, and target `{}` has none", name,
                                 WhatIt(info.scope()), called));
  }
  if (info.repeats_effect() && !harmless && !review.scenario().guard().allow_side_effects()) {
    review.Say(
        path,
        fmt::format("`{}` can make the upstream act more than once: {} role = \"read\", or "
                    "set guard.allow_side_effects = true, for an inline or one-off fault in the "
                    "daemon's configuration",
                    name, rule.target().empty() ? "name a target with" : "declare its target"));
  }
}

// Faults of one rule of which none acts where another does.
void CheckCommonKind(Review& review, const std::string& path,
                     const std::vector<const v1::Fault*>& faults) {
  const v1::Fault* models = nullptr;
  const v1::Fault* tools = nullptr;
  for (const v1::Fault* fault : faults) {
    if (InfoOf(*fault).scope() == v1::SCOPE_MODEL) models = fault;
    if (InfoOf(*fault).scope() == v1::SCOPE_TOOL) tools = fault;
  }
  if (models == nullptr || tools == nullptr) return;
  review.Say(path, fmt::format("`{}` acts on calls to models and `{}` on calls to tools: no call "
                               "could get either of them; write two rules",
                               FaultName(*models), FaultName(*tools)));
}

// One of several faults: `path` leads to the list.
template <typename Entries>
void CheckList(Review& review, const std::string& path, const v1::Rule& rule,
               const Entries& entries) {
  if (entries.size() > kMostVariants) {
    return review.Say(path, fmt::format("a rule has at most {} faults, and this one {}",
                                        kMostVariants, entries.size()));
  }
  std::vector<const v1::Fault*> faults;
  for (int i = 0; i < entries.size(); ++i) {
    const v1::Fault& fault = entries[i].fault();
    const std::string place = fmt::format("{}[{}]", path, i);
    if (fault.kind_case() == v1::Fault::KIND_NOT_SET) {
      review.Say(place, "names no fault");
      continue;
    }
    faults.push_back(&fault);
    CheckFault(review, place, fault);
    CheckFit(review, fmt::format("{}.{}", place, FaultName(fault)), rule, fault);
  }
  CheckCommonKind(review, path, faults);
}

// The fault of a rule, `one_of` and `by_attempt` exclude each other.
bool SaysOne(Review& review, const std::string& path, const v1::Rule& rule) {
  std::vector<std::string> said;
  if (rule.fault().kind_case() != v1::Fault::KIND_NOT_SET)
    said.emplace_back(FaultName(rule.fault()));
  if (rule.one_of_size() > 0) said.emplace_back("one_of");
  if (rule.by_attempt_size() > 0) said.emplace_back("by_attempt");
  if (said.size() == 1) return true;
  if (said.empty()) {
    review.Say(path, "the rule names no fault: nothing would go wrong");
  } else {
    review.Say(
        fmt::format("{}.{}", path, said.back()),
        fmt::format("`{}` exclude each other: keep one of them", fmt::join(said, "` and `")));
  }
  return false;
}

void CheckSteps(Review& review, const std::string& path, const v1::Rule& rule) {
  if (rule.by_attempt_size() == 0) return;
  const int steps = rule.by_attempt_size();
  if (steps == 1) {
    return review.SayOf(path + ".by_attempt",
                        "says the same for every attempt: write the fault as a key of the rule");
  }
  const std::string_view key = rule.attempts_size() == 2   ? "attempts"
                               : rule.failures_size() == 2 ? "failures"
                                                           : "";
  if (key.empty()) return;
  const uint32_t last = key == "attempts" ? rule.attempts(1) : rule.failures(1);
  if (last >= static_cast<uint32_t>(steps)) return;
  review.Say(fmt::format("{}.by_attempt[{}]", path, last),
             fmt::format("is never used: `{}` ends with attempt {}", key, last));
}

void CheckFailures(Review& review, const std::string& path, const v1::Rule& rule) {
  if (rule.failures().empty()) return;
  const std::string field = path + ".failures";
  if (rule.failures_size() != 2) {
    review.Say(field, "write the least and the most, as `[0, 3]`");
  } else if (rule.failures(0) > rule.failures(1)) {
    review.Say(field, fmt::format("no number lies between {} and {}: the least is above the most",
                                  rule.failures(0), rule.failures(1)));
  } else if (rule.failures(1) == 0) {
    review.Say(field, "no attempt would ever fail");
  } else if (rule.attempts_size() == 2) {
    review.SayOf(field, "and `attempts` both say which attempts are selected: keep one of them");
  }
}

void CheckPer(Review& review, const std::string& field, bool present, const std::string& word,
              const std::vector<std::string>& accepted) {
  if (!present) return;
  const std::string problem = ProblemOfWhose(word, accepted);
  if (!problem.empty()) review.Say(field, problem);
}

}  // namespace

void CheckProbabilityPer(Review& review, const std::string& path, const v1::Trigger& trigger) {
  const std::string field = path + ".probability_per";
  CheckPer(review, field, trigger.has_probability_per(), trigger.probability_per(), WhoseDraws());
  if (trigger.has_probability_per() && !trigger.has_probability())
    review.SayOf(field, "says for whom a chance is drawn: name the `probability`");
}

void CheckVariants(Review& review, const std::string& path, const v1::Rule& rule) {
  CheckPer(review, path + ".count_per", rule.has_count_per(), rule.count_per(), WhoseCounts());
  CheckPer(review, path + ".one_of_per", rule.has_one_of_per(), rule.one_of_per(), WhoseDraws());
  if (rule.has_one_of_per() && rule.one_of_size() == 0)
    review.SayOf(path + ".one_of_per", "says for whom one fault is drawn: name them in `one_of`");
  CheckFailures(review, path, rule);
  if (!SaysOne(review, path, rule)) return;
  if (rule.one_of_size() == 1) {
    review.SayOf(path + ".one_of",
                 "has nothing to draw from: write the fault as a key of the rule");
  }
  CheckSteps(review, path, rule);
  if (rule.has_fault()) {
    CheckFault(review, path, rule.fault());
    CheckFit(review, fmt::format("{}.{}", path, FaultName(rule.fault())), rule, rule.fault());
  }
  CheckList(review, path + ".one_of", rule, rule.one_of());
  CheckList(review, path + ".by_attempt", rule, rule.by_attempt());
}

}  // namespace murphy::scenario
