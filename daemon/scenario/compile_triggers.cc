// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/scenario/check.h"
#include "daemon/scenario/plan.h"
#include "faults/rng.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::scenario {
Milestone Plan::Compiled(const v1::Progress& progress) const {
  Milestone milestone;
  milestone.least = {.calls = progress.calls(),
                     .operations = progress.operations(),
                     .injections = progress.injections(),
                     .tokens = progress.tokens(),
                     .bytes = progress.bytes(),
                     .events = progress.events()};
  if (progress.has_time()) milestone.time = FromProto(progress.time());
  if (progress.has_of()) milestone.of = TargetIndex(progress.of());
  return milestone;
}

uint32_t Plan::Add(const v1::On& spec) {
  const auto [known, fresh] =
      known_ons_.try_emplace(spec.SerializeAsString(), static_cast<uint32_t>(ons_.size()));
  if (!fresh) return known->second;
  On& on = ons_.emplace_back();
  on.spec = spec;
  if (spec.has_of()) on.of = TargetIndex(spec.of());
  if (spec.has_agent()) on.agent.emplace(spec.agent());
  if (spec.has_silence()) on.silence = FromProto(spec.silence());
  if (spec.within().has_time()) on.within = FromProto(spec.within().time());
  if (spec.since().has_time()) on.since = FromProto(spec.since().time());
  if (spec.has_answer()) {
    on.answer = std::make_shared<const AnswerCondition>(spec.answer());
    waits_for_answers_ = true;
    reads_answers_ = reads_answers_ || spec.answer().has_pointer();
  }
  for (int i = 0; spec.has_injection() && i < scenario_.rule_size(); ++i) {
    const auto index = static_cast<uint32_t>(i);
    if (RuleId(scenario_.rule(i), index) == spec.injection()) on.rule = index;
  }
  return known->second;
}

uint32_t Plan::Add(const v1::Where& spec) {
  const auto [known, fresh] = known_wheres_.try_emplace(spec.SerializeAsString(),
                                                        static_cast<uint32_t>(wheres_.list.size()));
  if (fresh) wheres_.list.emplace_back(spec);
  return known->second;
}

Condition Plan::Compiled(const v1::Trigger& spec) {
  uint32_t conditions = 0;
  return Compiled(spec, "probability", conditions);
}

Condition Plan::Compiled(const v1::Trigger& spec, const std::string& stream, uint32_t& conditions) {
  Condition condition;
  condition.index = conditions++;
  condition.stream = HashName(stream);
  if (condition.index > 0 && spec.has_cause()) {
    condition.cause = CauseIndex(spec.cause());
    condition.cause_on = spec.has_cause_on() ? spec.cause_on() : 1;
    condition.cause_off = spec.cause_off();
    condition.cause_stream = HashName(stream + "/cause");
  }
  if (spec.has_after()) condition.after = Compiled(spec.after());
  if (spec.has_on()) condition.on = static_cast<int>(Add(spec.on()));
  if (spec.has_where()) condition.where = static_cast<int>(Add(spec.where()));
  if (spec.has_probability()) condition.probability = spec.probability();
  condition.per = WhoseOf(spec.probability_per(), carriers_);
  condition.series = Series(spec);
  const auto add = [&](std::string_view key, const auto& specs, std::vector<Condition>& list) {
    for (int i = 0; i < specs.size(); ++i)
      list.push_back(Compiled(specs[i], fmt::format("{}/{}[{}]", stream, key, i), conditions));
  };
  add("any", spec.any(), condition.any);
  add("all", spec.all(), condition.all);
  add("none", spec.none(), condition.none);
  condition.counts = condition.series.selective();
  for (const auto* list : {&condition.any, &condition.all, &condition.none}) {
    condition.counts |=
        std::any_of(list->begin(), list->end(), [](const Condition& part) { return part.counts; });
  }
  return condition;
}

}  // namespace murphy::scenario
