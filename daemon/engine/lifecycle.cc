// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/lifecycle.h"

namespace murphy::engine {

const char* WhyStopped(Limit limit) {
  switch (limit) {
    case Limit::kLimit:
      return "its `limit` stopped it";
    case Limit::kTtl:
      return "its `ttl` was over";
    case Limit::kGroup:
      return "its group had had as many injections as it may have (`at_most`)";
    case Limit::kInjections:
      return "guard.max_injections, or max_injections_per_experiment, leaves too few for it and "
             "the rest of its group";
    case Limit::kPerMinute:
      return "guard.max_per_minute left none for it at the time";
    case Limit::kUpstreams:
      return "guard.upstreams names none of the hosts that were called";
    case Limit::kPerTarget:
      return "guard.max_per_target stopped it";
    case Limit::kShare:
      return "guard.max_share stopped it";
    case Limit::kNone:
      break;
  }
  return "a limit stopped it";
}

std::string WhyUnreached(const scenario::Rule& rule, const RuleRecord& record, const Phases& phases,
                         const Occurrences& occurrences, const Groups& groups) {
  switch (record.furthest) {
    case Step::kTarget:
      return "no exchange of its target";
    case Step::kPhase:
      return phases.WasActive(rule.phase) ? "no exchange of its target during its phase"
                                          : "its phase never began";
    case Step::kGroup:
      if (!groups.Drawn(rule.index)) return "its group (`k_of_n`) has drawn others for this run";
      return "its group did not let an exchange through";
    case Step::kAttempts:
      return "no such attempt";
    case Step::kCause:
      return "its cause let none of the exchanges through";
    case Step::kAfter:
      return "the run did not come far enough";
    case Step::kOn:
      return occurrences.Count(static_cast<uint32_t>(rule.when.on)) > 0
                 ? "no exchange of its target while what it waits for (`on`) held"
                 : "what it waits for (`on`) never happened";
    case Step::kWhere:
      return "no exchange of its target says what it looks for (`where`)";
    case Step::kCombination:
      return "its `any`, `all` and `none` did not let an exchange through";
    case Step::kCounters:
      return "its counters selected none of the exchanges";
    case Step::kProbability:
      if (rule.when.per.kind == scenario::Whose::Kind::kCarrier) {
        return "its probability selected none of those whom it is drawn for (`probability_per`), "
               "or "
               "no exchange named any";
      }
      return "its probability selected none of the exchanges";
    case Step::kLimits:
      return WhyStopped(record.stopped);
    case Step::kAdmission:
      return "its limit was never exceeded";
    case Step::kActed:
      return "";
  }
  return "";
}

v1::InjectionState ReachedBy(const scenario::Rule& rule, const RuleRecord& record,
                             const Phases& phases) {
  if (record.furthest >= Step::kLimits) return v1::INJECTION_STATE_MATCHED;
  if (record.furthest > Step::kPhase || phases.WasActive(rule.phase))
    return v1::INJECTION_STATE_ARMED;
  return v1::INJECTION_STATE_PLANNED;
}

}  // namespace murphy::engine
