// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/rules.h"

#include <algorithm>
#include <utility>

#include "daemon/scenario/intensity.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::engine {

Rules::Rules(const scenario::Plan& plan, uint32_t run_index, absl::Duration armed_at)
    : plan_(plan), armed_at_(armed_at) {
  records_.reserve(plan.rules().size());
  for (const scenario::Rule& rule : plan.rules())
    records_.emplace_back(rule, plan.seed(), run_index);
}

Decided Rules::Decide(const Candidate& candidate, const std::vector<uint32_t>& rules,
                      const Situation& situation, Guard& guard) {
  Decided decided;
  const uint64_t address = HashName(candidate.identity.address);
  for (const uint32_t index : rules) {
    const scenario::Rule& rule = plan_.rules()[index];
    RuleRecord& record = records_[index];
    const Draw draw(record.key, address);
    Step step = Walk(rule, record, candidate, situation, draw);
    const uint32_t fired = decided.fired;
    if (step == Step::kLimits) {
      record.stopped = Stopping(rule, record, candidate, situation, guard);
      if (record.stopped == Limit::kNone)
        step = Act(rule, record, candidate, situation, draw, decided);
      if (decided.fired > fired) guard.Inject(candidate.targets);
    }
    if (rule.cause >= 0 && step >= Step::kCause)
      decided.followed.push_back({.rule = index, .fired = decided.fired > fired});
    record.furthest = std::max(record.furthest, step);
    if (!guard.reached().empty()) break;
  }
  std::stable_sort(decided.decisions.begin(), decided.decisions.end(),
                   [](const Decision& a, const Decision& b) {
                     return a.rule->fault->stage() < b.rule->fault->stage();
                   });
  return decided;
}

Step Rules::Walk(const scenario::Rule& rule, RuleRecord& record, const Candidate& candidate,
                 const Situation& situation, const Draw& draw) const {
  if (!situation.phases.Active(rule.phase)) return Step::kPhase;
  const uint64_t entry = rule.phase < 0 ? 0 : situation.phases.entry();
  record.calls = record.entry == entry ? record.calls + 1 : 1;
  record.entry = entry;
  if (!rule.groups.empty()) {
    const auto armed = [&](uint32_t index) {
      return Armed(plan_.rules()[index], candidate, situation);
    };
    if (!situation.groups.Arm(rule.index, candidate.sequence, candidate.now.run, armed))
      return Step::kGroup;
  }
  if (!scenario::SelectsAttempt(rule.spec, candidate.identity.attempt)) return Step::kAttempts;
  if (!FollowsCause(rule, situation, draw)) return Step::kCause;
  const Question question{.progress = situation.progress,
                          .occurrences = situation.occurrences,
                          .content = candidate.content,
                          .now = candidate.now.run,
                          .sequence = candidate.sequence,
                          .counted = {.operation = candidate.identity.intent,
                                      .agent = candidate.arrival.agent,
                                      .call = candidate.arrival.call}};
  const Step step = Ask(rule.when, question, draw, record.counters);
  if (step == Step::kLimits && !IsIntense(rule, record, candidate, situation, draw))
    return Step::kProbability;
  return step;
}

// As far as the groups of other rules are concerned.
bool Rules::Armed(const scenario::Rule& rule, const Candidate& candidate,
                  const Situation& situation) const {
  if (!situation.phases.Active(rule.phase)) return false;
  const scenario::Condition& when = rule.when;
  if (when.after.has_value() && !situation.progress.Reached(*when.after, candidate.now.run))
    return false;
  return when.on < 0 || situation.occurrences.Holds(static_cast<uint32_t>(when.on),
                                                    candidate.now.run, candidate.sequence);
}

bool Rules::FollowsCause(const scenario::Rule& rule, const Situation& situation,
                         const Draw& draw) const {
  if (rule.cause < 0) return true;
  const v1::Trigger& when = rule.spec.when();
  const double chance = situation.causes.On(static_cast<uint32_t>(rule.cause))
                            ? (when.has_cause_on() ? when.cause_on() : 1)
                            : when.cause_off();
  return draw.Unit("cause") < chance;
}

bool Rules::IsIntense(const scenario::Rule& rule, const RuleRecord& record,
                      const Candidate& candidate, const Situation& situation,
                      const Draw& draw) const {
  if (!rule.spec.has_intensity()) return true;
  const absl::Duration now = candidate.now.run;
  const absl::Duration begun = rule.phase < 0 ? situation.progress.first().value_or(now)
                                              : situation.phases.begun().value_or(now);
  const double factor =
      scenario::FactorAt(rule.spec.intensity(), {.calls = record.calls - 1, .time = now - begun});
  return draw.Unit("intensity") < factor;
}

Limit Rules::Stopping(const scenario::Rule& rule, const RuleRecord& record,
                      const Candidate& candidate, const Situation& situation,
                      const Guard& guard) const {
  if (situation.groups.Exhausted(rule.index)) return Limit::kGroup;
  if (!guard.Leaves(situation.groups.Company(rule.index))) return Limit::kInjections;
  if (rule.spec.has_limit() && record.fired >= rule.spec.limit()) return Limit::kLimit;
  if (rule.spec.has_ttl()) {
    if (candidate.now.run - armed_at_ >= FromProto(rule.spec.ttl())) return Limit::kTtl;
  }
  if (!guard.AllowsUpstream(candidate.arrival.upstream)) return Limit::kUpstreams;
  return guard.Stopping(candidate.targets);
}

Step Rules::Act(const scenario::Rule& rule, RuleRecord& record, const Candidate& candidate,
                const Situation& situation, const Draw& draw, Decided& decided) {
  const Arrival& arrival = candidate.arrival;
  if (record.state == nullptr) record.state = rule.fault->NewRuleState();
  Decision decision{.rule = &rule, .exchange_state = rule.fault->NewExchangeState(), .draw = draw};
  Scope scope{.state = decision.exchange_state.get(), .draw = decision.draw, .now = candidate.now};
  const Admission admission = rule.fault->Admit({.request = arrival.request,
                                                 .call = arrival.call,
                                                 .dialect = arrival.dialect,
                                                 .agent = arrival.agent},
                                                record.state.get(), scope);
  if (record.state != nullptr) {
    decided.unsettled.push_back({.rule = rule.index, .admission = admission});
  }

  const auto acting =
      std::find_if(decided.decisions.begin(), decided.decisions.end(), [](const Decision& earlier) {
        return Acts(earlier.state) && earlier.rule->fault->terminal();
      });
  Step step = Step::kActed;
  if (admission == Admission::kDeclined) {
    step = Step::kAdmission;
  } else if (rule.fault->terminal() && acting != decided.decisions.end()) {
    decision.injection = ++injections_;
    decision.state = v1::INJECTION_STATE_MASKED;
    decision.detail = fmt::format("rule `{}` acts on the same exchange", acting->rule->id);
  } else {
    decision.injection = ++injections_;
    Fire(rule, record, candidate, situation, decision, decided);
  }
  if (rule.fault->needs().history)
    decision.history = situation.history.Of(History::KeyOf(arrival.call));
  if (rule.fault->needs().client_timeout)
    decision.client_timeout = situation.client_timeouts.Of(arrival);
  decided.decisions.push_back(std::move(decision));
  return step;
}

void Rules::Fire(const scenario::Rule& rule, RuleRecord& record, const Candidate& candidate,
                 const Situation& situation, Decision& decision, Decided& decided) {
  const std::shared_ptr<const Gate> gate = situation.groups.Fire(
      {.rule = rule.index, .sequence = candidate.sequence}, candidate.now.run);
  if (gate != nullptr && gate->state() == Gate::State::kWaiting) {
    decision.state = v1::INJECTION_STATE_MATCHED;
    decision.detail = "waits for the rest of its group";
    decision.gate = gate;
    decided.held = true;
    return;
  }
  decision.state = v1::INJECTION_STATE_FIRED;
  ++record.fired;
  ++decided.fired;
  decided.held = decided.held || rule.fault->terminal();
}

std::vector<v1::RuleCounts> Rules::Counts() const {
  std::vector<v1::RuleCounts> counts;
  for (const scenario::Rule& rule : plan_.rules()) {
    if (rule.spec.count_per() != v1::COUNTER_SCOPE_EXPERIMENT) continue;
    const std::vector<uint64_t> numbers = records_[rule.index].counters.Numbers();
    v1::RuleCounts& count = counts.emplace_back();
    count.set_rule(rule.id);
    count.mutable_numbers()->Assign(numbers.begin(), numbers.end());
  }
  return counts;
}

void Rules::Continue(const std::vector<v1::RuleCounts>& counts) {
  for (const v1::RuleCounts& count : counts) {
    for (const scenario::Rule& rule : plan_.rules()) {
      if (rule.id != count.rule() || rule.spec.count_per() != v1::COUNTER_SCOPE_EXPERIMENT)
        continue;
      records_[rule.index].counters.Continue({count.numbers().begin(), count.numbers().end()});
    }
  }
}

void Rules::Settle(uint32_t rule, const Finished& finished, Now now) {
  plan_.rules()[rule].fault->Settle(finished, records_[rule].state.get(), now);
}

}  // namespace murphy::engine
