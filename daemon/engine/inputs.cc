// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/inputs.h"

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/engine/occurrences.h"

namespace murphy::engine {

void NoteBegin(const Arrival& arrival, const Identity& identity, const Reading& reading,
               v1::ExchangeInput& input) {
  if (identity.intent != identity.operation) input.set_intent(identity.intent);
  input.set_telemetry(arrival.call.telemetry);
  input.set_canary_used(arrival.canary);
  if (reading.plan->scenario().guard().upstreams_size() > 0)
    input.set_upstream(std::string(arrival.upstream));
  input.set_estimated_tokens(arrival.call.estimated_tokens);
  for (const Recovery& recovery : reading.recoveries) {
    v1::RecoveryInput& kept = *input.add_recoveries();
    kept.set_kind(recovery.kind);
    kept.mutable_of()->Add(recovery.of.begin(), recovery.of.end());
  }
  for (uint32_t place = 0; place < reading.carried.size(); ++place) {
    if (reading.carried[place] == 0) continue;
    v1::CarriedInput& carried = *input.add_carried();
    carried.set_place(place);
    carried.set_digest(reading.carried[place]);
  }
  const std::vector<uint32_t> held = reading.content.Held();
  input.mutable_held()->Add(held.begin(), held.end());
}

void NoteEnd(const Ending& ending, const scenario::Plan& plan, v1::ExchangeInput& input) {
  input.set_end(ending.end);
  input.set_failed(ending.failed);
  input.set_status(ending.status);
  input.set_tokens(ending.tokens);
  input.set_cost(ending.cost);
  input.set_bytes(ending.bytes);
  input.set_events(ending.events);
  input.set_canary_echoed(ending.canary);
  input.set_faulted(ending.faulted);
  for (const scenario::Rule* rule : ending.no_ops) {
    if (plan.Has(*rule)) input.add_no_op(rule->index);
  }
  const std::vector<uint32_t> answered = AnsweredBy(ending, plan.ons());
  input.mutable_answered()->Add(answered.begin(), answered.end());
}

Identity IdentityOf(const v1::Exchange& exchange) {
  Identity identity;
  identity.operation = exchange.operation();
  identity.attempt = exchange.attempt();
  identity.layer = exchange.attempt_layer();
  identity.address = exchange.address();
  identity.repeat = exchange.repeat();
  identity.revision_of = exchange.revision_of();
  identity.revision = exchange.revision();
  const uint64_t intent = exchange.input().intent();
  identity.intent = intent > 0 ? intent : exchange.operation();
  identity.idempotency_digest = exchange.idempotency_digest();
  return identity;
}

std::optional<Reading> ReadingOf(const v1::Exchange& exchange, const Arrival& arrival,
                                 const scenario::Plan& plan) {
  std::vector<uint32_t> targets;
  for (const std::string& name : exchange.targets()) {
    const auto target =
        std::find_if(plan.targets().begin(), plan.targets().end(),
                     [&](const scenario::Target& known) { return known.name == name; });
    if (target == plan.targets().end()) return std::nullopt;
    targets.push_back(static_cast<uint32_t>(target - plan.targets().begin()));
  }
  const v1::ExchangeInput& input = exchange.input();
  std::vector<Recovery> recoveries;
  for (const v1::RecoveryInput& recovery : input.recoveries())
    recoveries.push_back({recovery.kind(), {recovery.of().begin(), recovery.of().end()}});
  std::vector<uint64_t> carried(plan.carriers().size());
  for (const v1::CarriedInput& one : input.carried()) {
    if (one.place() < carried.size()) carried[one.place()] = one.digest();
  }
  return Reading(plan, arrival, std::move(targets), std::move(recoveries),
                 {input.held().begin(), input.held().end()}, std::move(carried));
}

message::Call CallOf(const v1::Exchange& exchange) {
  return {.kind = exchange.kind(),
          .provider = exchange.provider(),
          .name = exchange.name(),
          .stream = exchange.stream(),
          .estimated_tokens = exchange.input().estimated_tokens(),
          .telemetry = exchange.input().telemetry(),
          .unclassified = exchange.unclassified()};
}

Ending EndingOf(const v1::ExchangeInput& input, const scenario::Plan& plan) {
  std::vector<const scenario::Rule*> no_ops;
  for (const uint32_t rule : input.no_op()) {
    if (rule < plan.rules().size()) no_ops.push_back(&plan.rules()[rule]);
  }
  return {.end = input.end(),
          .failed = input.failed(),
          .status = input.status(),
          .tokens = input.tokens(),
          .cost = input.cost(),
          .bytes = input.bytes(),
          .events = input.events(),
          .canary = input.canary_echoed(),
          .faulted = input.faulted(),
          .no_ops = std::move(no_ops),
          .answered = {input.answered().begin(), input.answered().end()}};
}

}  // namespace murphy::engine
