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
    const Draws draws(record.key, address, candidate.holder);
    Step step = Walk(rule, record, candidate, situation, draws);
    const uint32_t fired = decided.fired;
    if (step == Step::kLimits) {
      record.stopped = Stopping(rule, record, candidate, situation, guard);
      if (record.stopped == Limit::kNone)
        step = Act(rule, record, candidate, situation, draws, decided);
      if (decided.fired > fired) guard.Inject(candidate.targets);
    }
    if (rule.cause >= 0 && step >= Step::kCause)
      decided.followed.push_back({.rule = index, .fired = decided.fired > fired});
    record.furthest = std::max(record.furthest, step);
    if (trace_ != nullptr)
      trace_->push_back({index, step, step == Step::kLimits ? record.stopped : Limit::kNone});
    if (!guard.reached().empty()) break;
  }
  std::stable_sort(
      decided.decisions.begin(), decided.decisions.end(),
      [](const Decision& a, const Decision& b) { return a.fault().stage() < b.fault().stage(); });
  return decided;
}

Step Rules::Walk(const scenario::Rule& rule, RuleRecord& record, const Candidate& candidate,
                 const Situation& situation, const Draws& draws) const {
  if (!situation.phases.Active(rule.phase)) return Step::kPhase;
  const uint64_t entry = rule.phase < 0 ? 0 : situation.phases.entry(rule.phase);
  record.calls = record.entry == entry ? record.calls + 1 : 1;
  record.entry = entry;
  if (!rule.groups.empty()) {
    const auto armed = [&](uint32_t index) {
      return Armed(plan_.rules()[index], candidate, situation);
    };
    if (!situation.groups.Arm(rule.index, candidate.sequence, candidate.now.run, armed))
      return Step::kGroup;
  }
  if (!SelectsAttempt(rule, candidate, draws)) return Step::kAttempts;
  if (!FollowsCause(rule, situation, draws.own())) return Step::kCause;
  const Question question{
      .progress = situation.progress,
      .occurrences = situation.occurrences,
      .causes = situation.causes,
      .content = candidate.content,
      .now = candidate.now.run,
      .sequence = candidate.sequence,
      .counted = {.operation = candidate.identity.intent,
                  .holder = record.counters.has_rows() ? candidate.holder.Of(rule.count_per)
                                                       : std::nullopt}};
  const Step step = Ask(rule.when, question, draws, record.counters);
  if (step == Step::kLimits && !IsIntense(rule, record, candidate, situation, draws))
    return Step::kProbability;
  return step;
}

// Of each operation the first attempts, as many as are drawn for it; else those that the rule says.
bool Rules::SelectsAttempt(const scenario::Rule& rule, const Candidate& candidate,
                           const Draws& draws) const {
  const uint32_t attempt = candidate.identity.attempt;
  if (rule.spec.failures_size() != 2) return scenario::SelectsAttempt(rule.spec, attempt);
  const std::optional<Draw> draw = draws.Of({.kind = scenario::Whose::Kind::kOperation});
  const uint64_t least = rule.spec.failures(0), most = rule.spec.failures(1);
  return attempt <= least + draw.value_or(draws.own()).Below(most - least + 1, "failures");
}

const scenario::Variant& Rules::VariantFor(const scenario::Rule& rule, const Candidate& candidate,
                                           const Draws& draws) const {
  const std::vector<scenario::Variant>& variants = rule.variants;
  if (rule.spec.by_attempt_size() > 0)
    return variants[std::min<size_t>(candidate.identity.attempt, variants.size()) - 1];
  if (variants.size() == 1) return variants.front();
  double total = 0;
  for (const scenario::Variant& variant : variants) total += variant.weight;
  // Those who carry nothing to be told apart by are drawn for one by one.
  const Draw draw = draws.Of(rule.one_of_per).value_or(draws.own());
  double left = draw.Unit("one_of") * total;
  for (const scenario::Variant& variant : variants) {
    left -= variant.weight;
    if (left < 0) return variant;
  }
  return variants.back();
}

std::string_view Rules::TargetOf(const scenario::Rule& rule, const Candidate& candidate) const {
  for (const uint32_t target : rule.targets) {
    if (std::count(candidate.targets.begin(), candidate.targets.end(), target) > 0)
      return plan_.targets()[target].name;
  }
  return {};
}

// As far as the groups of other rules are concerned.
bool Rules::Armed(const scenario::Rule& rule, const Candidate& candidate,
                  const Situation& situation) const {
  if (!situation.phases.Active(rule.phase) || !situation.groups.Drawn(rule.index)) return false;
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

Elapsed Rules::ElapsedOf(const scenario::Rule& rule, const RuleRecord& record,
                         const Candidate& candidate, const Situation& situation) const {
  const absl::Duration now = candidate.now.run;
  const absl::Duration begun = rule.phase < 0 ? situation.progress.first().value_or(now)
                                              : situation.phases.begun(rule.phase).value_or(now);
  return {.calls = record.calls - 1, .time = now - begun};
}

// Drawn for whom the probability is drawn for: who is selected stays so while it swells.
bool Rules::IsIntense(const scenario::Rule& rule, const RuleRecord& record,
                      const Candidate& candidate, const Situation& situation,
                      const Draws& draws) const {
  if (!rule.spec.has_intensity()) return true;
  const double factor =
      scenario::FactorAt(rule.spec.intensity(), ElapsedOf(rule, record, candidate, situation));
  return draws.Of(rule.when.per).value_or(draws.own()).Unit("intensity") < factor;
}

Limit Rules::Stopping(const scenario::Rule& rule, const RuleRecord& record,
                      const Candidate& candidate, const Situation& situation,
                      const Guard& guard) const {
  if (situation.groups.Exhausted(rule.index)) return Limit::kGroup;
  if (!guard.Leaves(situation.groups.Company(rule.index))) return Limit::kInjections;
  if (!guard.LeavesInMinute(situation.groups.Company(rule.index))) return Limit::kPerMinute;
  if (rule.spec.has_limit() && record.fired >= rule.spec.limit()) return Limit::kLimit;
  if (rule.spec.has_ttl()) {
    if (candidate.now.run - armed_at_ >= FromProto(rule.spec.ttl())) return Limit::kTtl;
  }
  if (!guard.AllowsUpstream(candidate.arrival.upstream)) return Limit::kUpstreams;
  return guard.Stopping(candidate.targets);
}

Step Rules::Act(const scenario::Rule& rule, RuleRecord& record, const Candidate& candidate,
                const Situation& situation, const Draws& draws, Decided& decided) {
  const Arrival& arrival = candidate.arrival;
  const scenario::Variant& variant = VariantFor(rule, candidate, draws);
  const Fault& fault = *variant.fault;
  std::unique_ptr<RuleState>& state = record.states[variant.index];
  if (state == nullptr) state = fault.NewRuleState();
  Decision decision{.rule = &rule,
                    .variant = &variant,
                    .target = TargetOf(rule, candidate),
                    .exchange_state = fault.NewExchangeState(),
                    .draw = draws.own(),
                    .offset = situation.groups.OffsetOf(rule.index)};
  if (fault.needs().elapsed) decision.elapsed = ElapsedOf(rule, record, candidate, situation);
  Scope scope{.state = decision.exchange_state.get(), .draw = decision.draw, .now = candidate.now};
  const Admission admission = fault.Admit({.request = arrival.request,
                                           .call = arrival.call,
                                           .dialect = arrival.dialect,
                                           .agent = arrival.agent},
                                          state.get(), scope);
  if (state != nullptr) {
    decided.unsettled.push_back(
        {.rule = rule.index, .variant = variant.index, .admission = admission});
  }

  const auto acting = std::find_if(
      decided.decisions.begin(), decided.decisions.end(),
      [](const Decision& earlier) { return Acts(earlier.state) && earlier.fault().terminal(); });
  Step step = Step::kActed;
  if (admission == Admission::kDeclined) {
    step = Step::kAdmission;
  } else if (fault.terminal() && acting != decided.decisions.end()) {
    decision.injection = ++injections_;
    decision.state = v1::INJECTION_STATE_MASKED;
    decision.detail = fmt::format("rule `{}` acts on the same exchange", acting->rule->id);
  } else {
    decision.injection = ++injections_;
    Fire(rule, record, candidate, situation, decision, decided);
  }
  if (fault.needs().history) decision.history = situation.history.Of(History::KeyOf(arrival.call));
  if (fault.needs().client_timeout) decision.client_timeout = situation.client_timeouts.Of(arrival);
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
  decided.held = decided.held || decision.fault().terminal();
}

std::vector<v1::RuleCounts> Rules::Counts() const {
  std::vector<v1::RuleCounts> counts;
  for (const scenario::Rule& rule : plan_.rules()) {
    if (rule.count_per.kind != scenario::Whose::Kind::kExperiment) continue;
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
      if (rule.id != count.rule() || rule.count_per.kind != scenario::Whose::Kind::kExperiment)
        continue;
      records_[rule.index].counters.Continue({count.numbers().begin(), count.numbers().end()});
    }
  }
}

void Rules::Settle(const Unsettled& unsettled, const Finished& finished, Now now) {
  const scenario::Rule& rule = plan_.rules()[unsettled.rule];
  rule.variants[unsettled.variant].fault->Settle(
      finished, records_[unsettled.rule].states[unsettled.variant].get(), now);
}

}  // namespace murphy::engine
