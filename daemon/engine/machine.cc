// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/machine.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "daemon/engine/decide.h"
#include "daemon/engine/inputs.h"
#include "daemon/engine/lifecycle.h"
#include "fmt/format.h"

namespace murphy::engine {
namespace {

// Between Begin and Finish.
struct Open {
  absl::Duration begun;
  bool injected = false;
  uint64_t operation = 0;
  std::vector<uint32_t> targets;
  std::vector<Unsettled> unsettled;
  v1::TargetKind kind = v1::TARGET_KIND_UNSPECIFIED;
  std::string agent;
  // Where something must be settled.
  std::optional<message::Call> call;
  // Where answers, and how long clients wait, are kept.
  std::string history_key, client;
  // What the machine was told about it.
  v1::ExchangeInput input;
};

Subject SubjectOf(const Arrival& arrival) {
  return {.call = arrival.call,
          .route = arrival.route,
          .agent = arrival.agent,
          .method = arrival.request.method,
          .path = arrival.request.path};
}

Open OpenOf(const Arrival& arrival, uint64_t operation, std::vector<uint32_t> targets,
            std::vector<Unsettled> unsettled) {
  Open open{.operation = operation,
            .targets = std::move(targets),
            .unsettled = std::move(unsettled),
            .kind = arrival.call.kind,
            .agent = std::string(arrival.agent)};
  if (open.unsettled.empty()) return open;
  open.call = arrival.call;
  // No limiter reads them, and they may be large.
  open.call->arguments.clear();
  return open;
}

Result ResultOf(const Ending& ending) {
  if (ending.end != v1::END_STATE_COMPLETE) return Result::kUnknown;
  if (!ending.failed) return Result::kSuccess;
  // An error inside a good answer is the tool's own word on the call.
  if (ending.status / 100 == 2) return Result::kRefused;
  constexpr uint32_t kOthersFault[] = {401, 403, 407, 408, 425, 429};
  const bool others = std::count(std::begin(kOthersFault), std::end(kOthersFault), ending.status);
  return ending.status / 100 == 4 && !others ? Result::kRefused : Result::kFailed;
}

void Introduce(Identity identity, Begun& begun) {
  begun.operation = identity.operation;
  begun.attempt = identity.attempt;
  begun.layer = identity.layer;
  begun.address = std::move(identity.address);
  begun.repeat = identity.repeat;
  begun.fallback_of = std::move(identity.fallback_of);
  begun.revision_of = std::move(identity.revision_of);
  begun.revision = identity.revision;
  begun.idempotency_digest = std::move(identity.idempotency_digest);
}

std::vector<std::vector<uint32_t>> GroupsOf(const Plan& plan) {
  std::vector<std::vector<uint32_t>> groups;
  for (const Rule& rule : plan.rules()) groups.push_back(rule.groups);
  return groups;
}

std::vector<std::string> NamesOf(const std::vector<Rule>& rules) {
  std::vector<std::string> names;
  for (const Rule& rule : rules) names.push_back(rule.id);
  return names;
}

}  // namespace

struct Machine::State {
  State(std::shared_ptr<const Plan> the_plan, uint32_t run_index, absl::Duration armed_at,
        bool is_shadow)
      : plan(std::move(the_plan)),
        shadow(is_shadow),
        operations(*plan),
        progress(plan->targets().size()),
        occurrences(plan->ons()),
        phases(plan->phases(), progress, occurrences),
        causes(plan->causes(), plan->seed(), run_index),
        groups(plan->groups(), GroupsOf(*plan), NamesOf(plan->rules())),
        guard(plan->scenario().guard(), plan->targets().size(), plan->stops_of(), armed_at),
        decider(*plan, run_index, armed_at) {
    if (armed_at > absl::ZeroDuration()) Note(v1::ENGINE_STEP_KIND_ARM, armed_at);
  }

  // An exchange begins.
  void Enter(Now& now) {
    Pass(now);
    phases.Pass(now.run);
    ++sequence;
  }
  Recognised Recognise(const Arrival& arrival, absl::Duration now);
  Begun Decide(const Arrival& arrival, Recognised recognised, Content& content, Now now);

  // Time never runs backwards, and brings silences, guards and what is waited for with it.
  void Pass(Now& now) {
    last = now.run = std::max(now.run, last);
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
      decider.CountFired(member.rule);
      const auto exchange = open.find(member.sequence);
      guard.Inject(exchange == open.end() ? std::vector<uint32_t>() : exchange->second.targets);
      if (exchange == open.end()) continue;
      exchange->second.injected = true;
      progress.Inject(exchange->second.targets);
      occurrences.Fire({exchange->second.targets, exchange->second.agent, sequence, last},
                       member.rule);
    }
    if (broken.empty()) broken = groups.broken();
  }

  void MovePhases(absl::Duration now) {
    if (!broken.empty()) return;
    const std::string way = phases.Count(now);
    if (way.empty()) return;
    broken = fmt::format("one event caused more than {} phases to follow each other: {}",
                         Phases::kMostTransitions, way);
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
    return std::tuple(occurrences.noticed(), groups.settled(), phases.entry(),
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

  std::shared_ptr<const Plan> plan;
  const bool shadow;
  Operations operations;
  Progress progress;
  Occurrences occurrences;
  Phases phases;
  Causes causes;
  Groups groups;
  Guard guard;
  Decider decider;
  History history;
  ClientTimeouts client_timeouts;
  std::string disarmed;
  // Why the run means nothing.
  std::string broken;
  uint64_t sequence = 0;
  // The first exchange on which something fired.
  uint64_t first_fired = 0;
  absl::Duration last = absl::ZeroDuration();
  absl::flat_hash_map<uint64_t, Open> open;
  // Number of the last step, and steps without an exchange.
  uint64_t steps = 0;
  std::vector<v1::EngineStep> noted;
};

bool Acts(v1::InjectionState state) {
  return state == v1::INJECTION_STATE_FIRED || state == v1::INJECTION_STATE_MATCHED ||
         state == v1::INJECTION_STATE_WOULD_FIRE;
}

Machine::Machine(std::shared_ptr<const Plan> plan, uint32_t run_index, absl::Duration armed_at,
                 v1::Arm arm)
    : state_(std::make_unique<State>(std::move(plan), run_index, armed_at, arm == v1::ARM_SHADOW)) {
}

Machine::~Machine() = default;

void Machine::Continue(const std::vector<v1::RuleCounts>& counts) {
  state_->decider.Continue(counts);
}

std::vector<v1::RuleCounts> Machine::Counts() const { return state_->decider.Counts(); }

Begun Machine::Begin(const Arrival& arrival, Now now) {
  State& state = *state_;
  state.Enter(now);
  Recognised recognised = state.Recognise(arrival, now.run);
  Content content(state.plan->wheres(),
                  {arrival.request, arrival.call, arrival.agent, recognised.identity.attempt});
  return state.Decide(arrival, std::move(recognised), content, now);
}

Begun Machine::BeginAgain(const Arrival& arrival, Recognised recognised,
                          const std::vector<uint32_t>& held, Now now) {
  state_->Enter(now);
  Content content(state_->plan->wheres(), held);
  return state_->Decide(arrival, std::move(recognised), content, now);
}

// Who it is: its targets, and its operation.
Recognised Machine::State::Recognise(const Arrival& arrival, absl::Duration now) {
  Recognised recognised{.targets = plan->TargetsOf(SubjectOf(arrival))};
  recognised.identity = operations.Identify({.request = arrival.request,
                                             .call = arrival.call,
                                             .agent = arrival.agent,
                                             .targets = recognised.targets,
                                             .sequence = sequence,
                                             .at = now});
  return recognised;
}

// What happens to it.
Begun Machine::State::Decide(const Arrival& arrival, Recognised recognised, Content& content,
                             Now now) {
  std::vector<uint32_t>& targets = recognised.targets;
  Identity& identity = recognised.identity;
  const Place place{targets, arrival.agent, sequence, now.run};
  occurrences.Begin(place, identity, arrival.canary);
  causes.Step(targets, sequence, now.run, progress, occurrences);
  MovePhases(now.run);
  Decided decided;
  if (disarm_reason().empty()) {
    decided = decider.Decide(
        {arrival, targets, identity, now, content, sequence},
        plan->RulesFor(SubjectOf(arrival), targets),
        {phases, progress, occurrences, history, client_timeouts, causes, groups}, guard);
    causes.Note(decided.followed);
  }
  for (Decision& decision : decided.decisions) {
    if (decision.state == v1::INJECTION_STATE_FIRED) occurrences.Fire(place, decision.rule->index);
    Mark(decision);
  }
  if (decided.held && !shadow) operations.Hold(identity.operation);
  if (decided.fired > 0 && first_fired == 0) first_fired = sequence;
  guard.Record(targets, decided.fired > 0 || decided.held);
  progress.Begin(targets, identity.attempt == 1 && identity.revision == 0, decided.fired, now.run);
  CountCompany(sequence);
  Conclude();

  v1::ExchangeInput input;
  input.set_begin_step(++steps);
  input.set_begin_nanos(absl::ToInt64Nanoseconds(now.run));
  NoteBegin(*plan, arrival, recognised, content.Held(), input);

  Begun begun{.sequence = sequence};
  for (const uint32_t target : targets) begun.targets.push_back(plan->targets()[target].name);
  Open& opened = open[sequence];
  opened = OpenOf(arrival, identity.operation, std::move(targets), std::move(decided.unsettled));
  opened.begun = now.run;
  opened.injected = decided.fired > 0;
  opened.input = std::move(input);
  if (plan->wants_history()) opened.history_key = History::KeyOf(arrival.call);
  if (plan->wants_client_timeouts()) opened.client = ClientTimeouts::KeyOf(arrival);
  Introduce(std::move(identity), begun);
  begun.decisions = std::move(decided.decisions);
  return begun;
}

std::optional<v1::ExchangeInput> Machine::Finish(uint64_t sequence, const Ending& ending, Now now) {
  State& state = *state_;
  const auto found = state.open.find(sequence);
  if (found == state.open.end()) return std::nullopt;
  Open open = std::move(found->second);
  state.open.erase(found);
  state.Pass(now);
  state.phases.Pass(now.run);

  const bool success = ending.end == v1::END_STATE_COMPLETE && !ending.failed;
  state.operations.End(open.operation, sequence, ResultOf(ending));
  state.progress.Spend(open.targets,
                       {.tokens = ending.tokens, .bytes = ending.bytes, .events = ending.events});
  state.occurrences.End({open.targets, open.agent, state.sequence, now.run}, open.kind, ending);
  state.guard.Spend(open.targets, {.took = now.run - open.begun,
                                   .failed = !success,
                                   .injected = open.injected || ending.faulted,
                                   .tokens = ending.tokens,
                                   .cost = ending.cost});
  for (const Unsettled& unsettled : open.unsettled) {
    state.decider.Settle(unsettled.rule,
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
  state.groups.Leave(sequence);
  state.Conclude();

  open.input.set_end_step(++state.steps);
  open.input.set_end_nanos(absl::ToInt64Nanoseconds(now.run));
  NoteEnd(ending, open.input);
  return std::move(open.input);
}

bool Machine::Pass(Now now) {
  const bool armed = state_->guard.reached().empty();
  state_->Step(v1::ENGINE_STEP_KIND_PASS, [&] {
    state_->Pass(now);
    state_->Conclude();
  });
  return armed && !state_->guard.reached().empty();
}

void Machine::Expire(const Gate& gate, Now now) {
  if (gate.state() != Gate::State::kWaiting) return;
  // The clock of whoever waits may be ahead by a tick.
  now.run = std::max(now.run, gate.deadline());
  Pass(now);
}

bool Machine::TakeWake() { return state_->groups.TakeWake(); }

bool Machine::PassToEnd(Now now) {
  state_->Step(v1::ENGINE_STEP_KIND_PASS_TO_END, [&] {
    state_->Pass(now);
    if (state_->phases.begun().has_value()) state_->phases.Pass(now.run);
  });
  return state_->phases.over();
}

void Machine::Disarm(std::string reason) {
  state_->Step(v1::ENGINE_STEP_KIND_DISARM, [&] {
    if (state_->disarmed.empty()) state_->disarmed = std::move(reason);
    state_->groups.Abandon();
  });
}

void Machine::Rearm() {
  state_->Step(v1::ENGINE_STEP_KIND_REARM, [&] { state_->disarmed.clear(); });
}

std::vector<v1::EngineStep> Machine::TakeSteps() { return std::exchange(state_->noted, {}); }

const std::string& Machine::disarm_reason() const { return state_->disarm_reason(); }

bool Machine::guard_reached() const { return !state_->guard.reached().empty(); }

const std::string& Machine::broken() const { return state_->broken; }

std::vector<v1::Injection> Machine::Unreached() const {
  const State& state = *state_;
  std::vector<v1::Injection> unreached;
  uint64_t id = state.decider.injections();
  for (const Rule& rule : state.plan->rules()) {
    const RuleRecord& record = state.decider.records()[rule.index];
    if (rule.inert || record.furthest == Step::kActed) continue;
    v1::Injection& injection = unreached.emplace_back();
    injection.set_id(++id);
    injection.set_rule(rule.id);
    injection.set_fault(rule.fault_name);
    injection.set_state(v1::INJECTION_STATE_NEVER_REACHED);
    injection.set_reached(ReachedBy(rule, record, state.phases));
    std::string why = WhyUnreached(rule, record, state.phases, state.occurrences);
    if (!state.disarm_reason().empty()) {
      why += fmt::format("; faults were disarmed: {}", state.disarm_reason());
    }
    injection.set_detail(std::move(why));
    if (rule.target >= 0) injection.set_target(state.plan->targets()[rule.target].name);
  }
  return unreached;
}

void Machine::Realise(v1::Realised& realised) const {
  state_->causes.Realise(NamesOf(state_->plan->rules()), realised);
  state_->groups.Realise(realised);
}

const Plan& Machine::plan() const { return *state_->plan; }

}  // namespace murphy::engine
