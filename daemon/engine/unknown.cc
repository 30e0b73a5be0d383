// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <vector>

#include "daemon/engine/rehearse.h"
#include "fmt/format.h"

namespace murphy::engine {
namespace {

using Sentences = std::set<std::string>;

void OfWhere(const v1::Where& where, Sentences& unknown) {
  const bool content = where.has_pointer() || (where.has_matches() && !where.has_header());
  if (content)
    unknown.insert("It looks into what calls say (`where`), and bodies are not recorded.");
  if (where.has_header())
    unknown.insert("It looks at a header (`where.header`), and headers are not recorded.");
  if (where.has_session())
    unknown.insert("It looks at sessions (`where.session`), which are recorded only as digests.");
}

void OfOn(const v1::On& on, Sentences& unknown) {
  if (on.has_canary())
    unknown.insert("It waits for a planted instruction, and none of its own was planted.");
  const v1::Answered& answer = on.answer();
  if (answer.has_header() || answer.has_pointer())
    unknown.insert("It waits for what an answer says, and answers are not recorded.");
  if (answer.has_finish_reason())
    unknown.insert("It waits for a finish reason, which is not recorded.");
}

void OfWhose(const scenario::Whose& whose, Sentences& unknown) {
  if (whose.kind != scenario::Whose::Kind::kCarrier) return;
  unknown.insert("It tells calls apart by a session or a header, which are not recorded.");
}

void OfCondition(const scenario::Plan& plan, const scenario::Condition& condition,
                 const v1::Trigger& spec, Sentences& unknown) {
  OfWhere(spec.where(), unknown);
  if (condition.on >= 0) OfOn(plan.ons()[static_cast<size_t>(condition.on)].spec, unknown);
  OfWhose(condition.per, unknown);
  const auto nested = [&](const std::vector<scenario::Condition>& conditions, const auto& specs) {
    for (size_t i = 0; i < conditions.size(); ++i)
      OfCondition(plan, conditions[i], specs[static_cast<int>(i)], unknown);
  };
  nested(condition.any, spec.any());
  nested(condition.all, spec.all());
  nested(condition.none, spec.none());
}

void OfPhase(const scenario::Plan& plan, const scenario::Rule& rule, Sentences& unknown) {
  if (rule.phase < 0) return;
  const uint32_t track = plan.phases()[static_cast<size_t>(rule.phase)].track;
  for (const scenario::Phase& phase : plan.phases()) {
    if (phase.track != track) continue;
    Sentences own;
    for (const int on : {phase.until_on, phase.enter_on}) {
      if (on >= 0) OfOn(plan.ons()[static_cast<size_t>(on)].spec, own);
    }
    if (!own.empty())
      unknown.insert(fmt::format("When its phases change depends on what is not recorded (`{}`).",
                                 phase.name));
  }
}

}  // namespace

std::vector<std::string> UnknownOf(const scenario::Plan& plan, const scenario::Rule& rule) {
  Sentences unknown;
  OfCondition(plan, rule.when, rule.spec.when(), unknown);
  OfWhose(rule.count_per, unknown);
  OfWhose(rule.one_of_per, unknown);
  OfPhase(plan, rule, unknown);
  for (const scenario::Cause& cause : plan.causes()) {
    if (rule.cause < 0 || plan.causes()[static_cast<size_t>(rule.cause)].name != cause.name)
      continue;
    if (cause.spec.has_on()) OfOn(cause.spec.on(), unknown);
  }
  for (const scenario::Variant& variant : rule.variants) {
    if (variant.fault->needs().client_timeout)
      unknown.insert("How long it waits depends on the client's timeout, which is not recorded.");
  }
  return {unknown.begin(), unknown.end()};
}

}  // namespace murphy::engine
