// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/scenario/plan.h"
#include "faults/catalog.h"
#include "fmt/format.h"

namespace murphy::scenario {

void Plan::AddVariants(Rule& rule) {
  const v1::Rule& spec = rule.spec;
  const auto add = [&](const v1::Fault& fault, double weight) {
    Variant& variant = rule.variants.emplace_back();
    variant.index = static_cast<uint32_t>(rule.variants.size() - 1);
    variant.fault_name = std::string(FaultName(fault));
    variant.fault = MakeFault(fault);
    variant.info = InfoOf(fault);
    variant.weight = weight;
    if (rule.inert) return;
    wants_history_ = wants_history_ || variant.fault->needs().history;
    wants_client_timeouts_ = wants_client_timeouts_ || variant.fault->needs().client_timeout;
  };
  if (spec.has_fault()) add(spec.fault(), 1);
  for (const v1::Alternative& one : spec.one_of())
    add(one.fault(), one.has_weight() ? one.weight() : 1);
  for (const v1::AttemptStep& step : spec.by_attempt()) add(step.fault(), 1);
  rule.one_of_per = WhoseOf(spec.one_of_per(), carriers_);
}

bool Rule::CanActOn(v1::TargetKind kind) const {
  return std::all_of(variants.begin(), variants.end(), [kind](const Variant& variant) {
    return scenario::CanActOn(variant.info.scope(), kind);
  });
}

std::string Rule::FaultNames() const {
  std::vector<std::string_view> names;
  for (const Variant& variant : variants) {
    if (std::find(names.begin(), names.end(), variant.fault_name) == names.end())
      names.push_back(variant.fault_name);
  }
  return fmt::format("{}", fmt::join(names, " or "));
}

}  // namespace murphy::scenario
