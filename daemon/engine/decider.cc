// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/decider.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "daemon/engine/holder.h"
#include "daemon/engine/inputs.h"
#include "daemon/engine/lifecycle.h"
#include "daemon/engine/rules.h"
#include "fmt/format.h"

namespace murphy::engine {
namespace {

// Between Begin and Finish.
struct Open {
  absl::Duration begun;
  // Injections that have fired on it.
  uint32_t injected = 0;
  std::vector<uint32_t> targets;
  std::vector<Unsettled> unsettled;
  v1::TargetKind kind = v1::TARGET_KIND_UNSPECIFIED;
  std::string agent;
  // Where something must be settled.
  std::optional<message::Call> call;
  // Where answers, and how long clients wait, are kept.
  std::string history_key, client;
  // What the decider was told about it.
  v1::ExchangeInput input;
};

Open OpenOf(const Arrival& arrival, const std::vector<uint32_t>& targets,
            std::vector<Unsettled> unsettled) {
  Open open{.targets = targets,
            .unsettled = std::move(unsettled),
            .kind = arrival.call.kind,
            .agent = std::string(arrival.agent)};
  if (open.unsettled.empty()) return open;
  open.call = arrival.call;
  // No limiter reads them, and they may be large.
  open.call->arguments.clear();
  return open;
}

std::vector<std::vector<uint32_t>> GroupsOf(const scenario::Plan& plan) {
  std::vector<std::vector<uint32_t>> groups;
  for (const scenario::Rule& rule : plan.rules()) groups.push_back(rule.groups);
  return groups;
}

std::vector<std::string> NamesOf(const std::vector<scenario::Rule>& rules) {
  std::vector<std::string> names;
  for (const scenario::Rule& rule : rules) names.push_back(rule.id);
  return names;
}

}  // namespace

Begun Introduce(const Identity& identity, const Reading* first) {
  Begun begun{.operation = identity.operation,
              .attempt = identity.attempt,
              .layer = identity.layer,
              .address = identity.address,
              .repeat = identity.repeat,
              .revision_of = identity.revision_of,
              .revision = identity.revision,
              .idempotency_digest = identity.idempotency_digest};
  if (first == nullptr) return begun;
  begun.fallback_of = first->fallback_of;
  for (const uint32_t target : first->targets)
    begun.targets.push_back(first->plan->targets()[target].name);
  return begun;
}

struct Decider::State {
  State(std::shared_ptr<const scenario::Plan> the_plan, uint32_t run_index, absl::Duration armed_at,
        bool is_shadow)
      : plan(std::move(the_plan)),
        shadow(is_shadow),
        progress(plan->targets().size()),
        occurrences(plan->ons()),
        phases(plan->phases(), progress, occurrences),
        causes(plan->causes(), plan->seed(), run_index),
        groups(plan->groups(), GroupsOf(*plan), NamesOf(plan->rules()), plan->seed(), run_index),
        guard(plan->scenario().guard(), plan->targets().size(), plan->stops_of(), armed_at),
        rules(*plan, run_index, armed_at),
        sessions(plan->carriers()) {
    if (armed_at > absl::ZeroDuration()) Note(v1::ENGINE_STEP_KIND_ARM, armed_at);
  }

  // An exchange begins.
  void Enter(Now& now) {
    Pass(now);
    phases.Pass(now.run);
    ++sequence;
  }
  Ruling Decide(const Arrival& arrival, const Identity& identity, Reading& reading, Now now);

  // Time never runs backwards, and brings silences, guards and what is waited for with it. It is
  // counted in what a record can hold; a deadline that lies between has passed at the next one.
  void Pass(Now& now) {
    last = now.run = std::max(absl::Ceil(now.run, absl::Nanoseconds(1)), last);
    phases.BeginEvent();
    guard.Pass(now.run);
    occurrences.Pass(now.run, sequence);
    groups.Pass(now.run);
    CountCompany(0);
  }

  // What fires because of somebody else's call, or because its time is over; `own` is the exchange
  // that is being decided.
  void CountCompany(uint64_t own) {
    for (const Member& member : groups.TakeFired()) {
      if (member.sequence == own) continue;
      if (first_fired == 0) first_fired = sequence;
      rules.CountFired(member.rule);
      Open* exchange = Find(member.sequence);
      guard.Inject(exchange == nullptr ? std::vector<uint32_t>() : exchange->targets);
      if (exchange == nullptr) continue;
      ++exchange->injected;
      progress.Inject(exchange->targets);
      occurrences.Fire({exchange->targets, exchange->agent, sequence, last}, member.rule);
    }
    if (broken.empty()) broken = groups.broken();
  }

  // What has changed nothing spends no limit.
  void TakeBack(uint64_t number, const Ending& ending, Open& exchange) {
    const uint32_t fired = exchange.injected;
    for (const scenario::Rule* rule : ending.no_ops) {
      if (!plan->Has(*rule) || exchange.injected == 0) continue;
      --exchange.injected;
      rules.TakeBack(rule->index);
      guard.TakeBack(exchange.targets);
    }
    if (fired > 0 && exchange.injected == 0) guard.LeftAlone(exchange.targets, number);
  }

  // In shadow nothing was held that would have been: it waits on for its group.
  void LeaveGroups(uint64_t number, std::unique_ptr<Open>& kept) {
    if (shadow && groups.Awaits(number)) {
      lingering[number] = std::move(kept);
    } else {
      groups.Leave(number);
    }
    if (groups.Due() == absl::InfiniteDuration()) lingering.clear();
  }

  Open* Find(uint64_t number) {
    for (auto* exchanges : {&open, &lingering}) {
      const auto found = exchanges->find(number);
      if (found != exchanges->end()) return found->second.get();
    }
    return nullptr;
  }

  void MovePhases(absl::Duration now) {
    if (!broken.empty()) return;
    const std::string way = phases.Count(now);
    if (way.empty()) return;
    broken = fmt::format("one event caused more than {} phases to follow each other: {}",
                         Track::kMostTransitions, way);
  }

  // At the end of every event.
  void Conclude() {
    MovePhases(last);
    // Nobody comes any more.
    if (!disarm_reason().empty()) groups.Abandon();
  }

  void Mark(Decision& decision) const {
    decision.shadow = shadow;
    decision.approximate = shadow && first_fired > 0 && first_fired < sequence;
    if (shadow && decision.state == v1::INJECTION_STATE_FIRED)
      decision.state = v1::INJECTION_STATE_WOULD_FIRE;
  }

  void Note(v1::EngineStepKind kind, absl::Duration at) {
    v1::EngineStep& step = noted.emplace_back();
    step.set_number(++steps);
    step.set_nanos(absl::ToInt64Nanoseconds(at));
    step.set_kind(kind);
  }

  // Differs when a step without an exchange has changed something that a later one may not change
  // in the same way. Rather too often than too seldom: a step that is not repeated must not matter.
  auto Standing() const {
    return std::tuple(occurrences.noticed(), groups.settled(), phases.entries(),
                      guard.reached().empty(), disarmed.empty());
  }

  // A step without an exchange.
  template <typename Event>
  void Step(v1::EngineStepKind kind, Event event) {
    const auto before = Standing();
    event();
    if (Standing() != before) Note(kind, last);
  }

  const std::string& disarm_reason() const {
    if (!broken.empty()) return broken;
    return guard.reached().empty() ? disarmed : guard.reached();
  }

  std::shared_ptr<const scenario::Plan> plan;
  const bool shadow;
  Progress progress;
  Occurrences occurrences;
  Phases phases;
  Causes causes;
  Groups groups;
  Guard guard;
  Rules rules;
  Sessions sessions;
  History history;
  ClientTimeouts client_timeouts;
  std::string disarmed;
  // Why the run means nothing.
  std::string broken;
  uint64_t sequence = 0;
  // The first exchange on which something fired.
  uint64_t first_fired = 0;
  absl::Duration last = absl::ZeroDuration();
  absl::flat_hash_map<uint64_t, std::unique_ptr<Open>> open;
  // In shadow: exchanges that have ended, and would still be held for their group.
  absl::flat_hash_map<uint64_t, std::unique_ptr<Open>> lingering;
  // Number of the last step, and steps without an exchange.
  uint64_t steps = 0;
  std::vector<v1::EngineStep> noted;
};

bool Acts(v1::InjectionState state) {
  return state == v1::INJECTION_STATE_FIRED || state == v1::INJECTION_STATE_MATCHED ||
         state == v1::INJECTION_STATE_WOULD_FIRE;
}

Decider::Decider(std::shared_ptr<const scenario::Plan> plan, uint32_t run_index,
                 absl::Duration armed_at, v1::Arm arm)
    : state_(std::make_unique<State>(std::move(plan), run_index, armed_at, arm == v1::ARM_SHADOW)) {
}

Decider::~Decider() = default;

void Decider::Continue(const std::vector<v1::RuleCounts>& counts, uint64_t injections) {
  state_->rules.Continue(counts);
  state_->guard.Continue(injections);
}

std::vector<v1::RuleCounts> Decider::Counts() const { return state_->rules.Counts(); }

uint64_t Decider::injections() const { return state_->guard.injections(); }

void Decider::Trace(std::vector<Stop>* stops) { state_->rules.Trace(stops); }

Ruling Decider::Begin(const Arrival& arrival, const Identity& identity, Reading& reading, Now now) {
  state_->Enter(now);
  reading.content.Recognise(identity.attempt);
  return state_->Decide(arrival, identity, reading, now);
}

Ruling Decider::State::Decide(const Arrival& arrival, const Identity& identity, Reading& reading,
                              Now now) {
  const std::vector<uint32_t>& targets = reading.targets;
  const Place place{targets, arrival.agent, sequence, now.run};
  occurrences.Begin(place, reading.recoveries, arrival.canary);
  causes.Step(targets, sequence, now.run, progress, occurrences);
  MovePhases(now.run);
  std::vector<uint64_t> carried = reading.carried;
  sessions.Number(carried);
  const Holder holder(arrival, identity, carried);
  Decided decided;
  if (!reading.rules.empty() && disarm_reason().empty()) {
    decided = rules.Decide(
        {arrival, targets, identity, now, reading.content, sequence, holder}, reading.rules,
        {phases, progress, occurrences, history, client_timeouts, causes, groups}, guard);
    causes.Note(decided.followed);
  }
  for (Decision& decision : decided.decisions) {
    if (decision.state == v1::INJECTION_STATE_FIRED) occurrences.Fire(place, decision.rule->index);
    Mark(decision);
  }
  if (decided.fired > 0 && first_fired == 0) first_fired = sequence;
  guard.Record(targets, sequence, decided.fired > 0 || decided.held);
  progress.Begin(targets, identity.attempt == 1 && identity.revision == 0, decided.fired, now.run);
  CountCompany(sequence);
  Conclude();

  Open opened = OpenOf(arrival, targets, std::move(decided.unsettled));
  opened.begun = now.run;
  opened.injected = decided.fired;
  opened.input.set_begin_step(++steps);
  opened.input.set_begin_nanos(absl::ToInt64Nanoseconds(now.run));
  NoteBegin(arrival, identity, reading, opened.input);
  if (plan->wants_history()) opened.history_key = History::KeyOf(arrival.call);
  if (plan->wants_client_timeouts()) opened.client = ClientTimeouts::KeyOf(arrival);
  open.emplace(sequence, std::make_unique<Open>(std::move(opened)));
  return {.sequence = sequence,
          .decisions = std::move(decided.decisions),
          .held = decided.held && !shadow};
}

std::optional<v1::ExchangeInput> Decider::Finish(uint64_t sequence, const Ending& ending, Now now) {
  State& state = *state_;
  const auto found = state.open.find(sequence);
  if (found == state.open.end()) return std::nullopt;
  std::unique_ptr<Open> kept = std::move(found->second);
  Open& open = *kept;
  state.open.erase(found);
  state.Pass(now);
  state.phases.Pass(now.run);

  const bool success = ending.end == v1::END_STATE_COMPLETE && !ending.failed;
  state.progress.Spend(open.targets,
                       {.tokens = ending.tokens, .bytes = ending.bytes, .events = ending.events});
  state.occurrences.End({open.targets, open.agent, state.sequence, now.run}, open.kind, ending);
  state.TakeBack(sequence, ending, open);
  state.guard.Spend(open.targets, {.took = now.run - open.begun,
                                   .failed = !success,
                                   .injected = open.injected > 0 || ending.faulted,
                                   .tokens = ending.tokens,
                                   .cost = ending.cost});
  for (const Unsettled& unsettled : open.unsettled) {
    state.rules.Settle(unsettled,
                       {.call = *open.call,
                        .tokens = ending.tokens,
                        .admission = unsettled.admission,
                        .agent = open.agent},
                       now);
  }
  if (success && ending.answer != nullptr && state.plan->wants_history()) {
    state.history.Add(open.history_key, ending.answer);
  }
  // An agent that left in the middle of an answer had other reasons than its timeout.
  if (ending.end == v1::END_STATE_AGENT_LEFT && ending.status == 0 && !open.client.empty())
    state.client_timeouts.Learn(open.client, now.run - open.begun);
  v1::ExchangeInput input = std::move(open.input);
  state.LeaveGroups(sequence, kept);
  state.Conclude();

  input.set_end_step(++state.steps);
  input.set_end_nanos(absl::ToInt64Nanoseconds(now.run));
  NoteEnd(ending, *state.plan, input);
  return input;
}

absl::Duration Decider::Due() const {
  return std::min({state_->guard.Due(), state_->occurrences.Due(), state_->groups.Due()});
}

bool Decider::Pass(Now now) {
  const bool armed = state_->guard.reached().empty();
  state_->Step(v1::ENGINE_STEP_KIND_PASS, [&] {
    state_->Pass(now);
    state_->Conclude();
  });
  return armed && !state_->guard.reached().empty();
}

void Decider::Expire(const Gate& gate, Now now) {
  if (gate.state() != Gate::State::kWaiting) return;
  // The clock of whoever waits may be ahead by a tick.
  now.run = std::max(now.run, gate.deadline());
  Pass(now);
}

bool Decider::TakeWake() { return state_->groups.TakeWake(); }

bool Decider::PassToEnd(Now now) {
  state_->Step(v1::ENGINE_STEP_KIND_PASS_TO_END, [&] {
    state_->Pass(now);
    if (state_->phases.running()) state_->phases.Pass(now.run);
  });
  return state_->phases.over();
}

void Decider::Disarm(std::string reason) {
  state_->Step(v1::ENGINE_STEP_KIND_DISARM, [&] {
    if (state_->disarmed.empty()) state_->disarmed = std::move(reason);
    state_->groups.Abandon();
  });
}

void Decider::Rearm() {
  state_->Step(v1::ENGINE_STEP_KIND_REARM, [&] { state_->disarmed.clear(); });
}

std::vector<v1::EngineStep> Decider::TakeSteps() { return std::exchange(state_->noted, {}); }

const std::string& Decider::disarm_reason() const { return state_->disarm_reason(); }

bool Decider::guard_reached() const { return !state_->guard.reached().empty(); }

const std::string& Decider::broken() const { return state_->broken; }

std::vector<v1::Injection> Decider::Unreached() const {
  const State& state = *state_;
  std::vector<v1::Injection> unreached;
  uint64_t id = state.rules.injections();
  for (const scenario::Rule& rule : state.plan->rules()) {
    const RuleRecord& record = state.rules.records()[rule.index];
    if (rule.inert || record.furthest == Step::kActed) continue;
    v1::Injection& injection = unreached.emplace_back();
    injection.set_id(++id);
    injection.set_rule(rule.id);
    injection.set_fault(rule.FaultNames());
    injection.set_state(v1::INJECTION_STATE_NEVER_REACHED);
    injection.set_reached(ReachedBy(rule, record, state.phases));
    std::string why = WhyUnreached(rule, record, state.phases, state.occurrences, state.groups);
    if (!state.disarm_reason().empty()) {
      why += fmt::format("; faults were disarmed: {}", state.disarm_reason());
    }
    injection.set_detail(std::move(why));
    injection.set_target(fmt::format("{}", fmt::join(rule.spec.target(), ", ")));
  }
  return unreached;
}

void Decider::Realise(v1::Realised& realised) const {
  state_->causes.Realise(NamesOf(state_->plan->rules()), realised);
  state_->groups.Realise(realised);
}

const scenario::Plan& Decider::plan() const { return *state_->plan; }

}  // namespace murphy::engine
