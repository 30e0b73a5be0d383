// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/rehearse.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "daemon/engine/decider.h"
#include "daemon/engine/inputs.h"
#include "daemon/engine/lifecycle.h"
#include "daemon/engine/silent_dialect.h"
#include "fmt/format.h"
#include "proto/time.h"

namespace murphy::engine {
namespace {

// An exchange begins, or ends.
struct Moment {
  absl::Duration at;
  const v1::Exchange* exchange = nullptr;
  bool ends = false;
};

std::vector<Moment> InOrder(const Rehearsal& rehearsal) {
  std::vector<Moment> moments;
  for (const v1::Exchange& exchange : rehearsal.exchanges) {
    const absl::Duration begun = FromProto(exchange.begin_time()) - rehearsal.begun;
    moments.push_back({begun, &exchange, false});
    moments.push_back({begun + FromProto(exchange.duration()), &exchange, true});
  }
  // Of what happens in the same moment, an end comes first, and never before its own beginning.
  std::stable_sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
    if (a.at != b.at) return a.at < b.at;
    if (a.ends != b.ends) return a.exchange == b.exchange ? b.ends : a.ends;
    return a.exchange->sequence() < b.exchange->sequence();
  });
  return moments;
}

const char* NameOf(Step step) {
  switch (step) {
    case Step::kTarget:
      return "target";
    case Step::kPhase:
      return "phase";
    case Step::kGroup:
      return "group";
    case Step::kAttempts:
      return "attempts";
    case Step::kCause:
      return "cause";
    case Step::kAfter:
      return "after";
    case Step::kOn:
      return "on";
    case Step::kWhere:
      return "where";
    case Step::kCombination:
      return "conditions";
    case Step::kCounters:
      return "counters";
    case Step::kProbability:
      return "probability";
    case Step::kLimits:
      return "limits";
    case Step::kAdmission:
      return "fault";
    case Step::kActed:
      break;
  }
  return "";
}

// As far as a record knows it; what it says of another plan is left out.
Ending EndingOf(const v1::Exchange& exchange) {
  Ending ending{.end = exchange.end(),
                .failed = exchange.failed(),
                .status = exchange.status(),
                .tokens = exchange.usage().input_tokens() + exchange.usage().output_tokens(),
                .cost = exchange.cost(),
                .bytes = exchange.response_bytes(),
                .events = exchange.events()};
  if (exchange.upstream_status() == 0) return ending;
  ending.upstream = std::make_shared<scenario::UpstreamAnswer>();
  ending.upstream->status = exchange.upstream_status();
  return ending;
}

class Player {
 public:
  explicit Player(const Rehearsal& rehearsal)
      : rehearsal_(rehearsal),
        plan_(*rehearsal.plan),
        decider_(rehearsal.plan, rehearsal.run_index, absl::ZeroDuration(), v1::ARM_SHADOW),
        stops_(plan_.rules().size()) {
    decider_.Trace(&trace_);
    for (const scenario::Rule& rule : plan_.rules()) {
      v1::RehearsedRule& told = *result_.add_rules();
      told.set_rule(rule.id);
      for (std::string& sentence : UnknownOf(plan_, rule)) told.add_unknown(std::move(sentence));
    }
  }

  v1::RehearseScenarioResponse Play() {
    for (const Moment& moment : InOrder(rehearsal_)) {
      if (moment.ends) {
        End(*moment.exchange, moment.at);
      } else {
        Begin(*moment.exchange, moment.at);
      }
    }
    for (size_t i = 0; i < stops_.size(); ++i) {
      for (const auto& [why, stop] : stops_[i])
        *result_.mutable_rules(static_cast<int>(i))->add_stops() = stop;
    }
    if (!decider_.broken().empty()) {
      result_.add_unknown(fmt::format("The run would be INVALID: {}.", decider_.broken()));
    }
    result_.set_seed(plan_.seed());
    return std::move(result_);
  }

 private:
  // The decider's own numbers, and the recogniser's.
  struct Known {
    uint64_t sequence = 0;
    uint64_t operation = 0;
  };

  Now At(absl::Duration at) const { return {.run = at, .wall = rehearsal_.begun + at}; }

  void Begin(const v1::Exchange& exchange, absl::Duration at) {
    static const SilentDialect dialect;
    // So that an SDK's retry is known for one where what it says is not.
    message::Request request{.method = exchange.method(), .path = exchange.path()};
    if (exchange.attempt_layer() == v1::ATTEMPT_LAYER_SDK)
      request.headers.push_back(
          {"x-stainless-retry-count", fmt::format("{}", exchange.attempt() - 1)});
    const message::Call call = CallOf(exchange);
    const Arrival arrival{.request = request,
                          .call = call,
                          .dialect = dialect,
                          .route = exchange.route(),
                          .agent = exchange.agent(),
                          .upstream = exchange.input().upstream()};
    Reading reading(plan_, arrival);
    // What its beginning tells about its agent; who it is, the record knows better.
    const Marks marks{.digest = fmt::format("{}", exchange.operation())};
    const Identity seen = recogniser_.Begin({.request = request,
                                             .call = call,
                                             .marks = marks,
                                             .agent = exchange.agent(),
                                             .sequence = exchange.sequence(),
                                             .at = at},
                                            {&reading, 1});
    if (exchange.revision() > 0)
      reading.recoveries.push_back({v1::RECOVERY_KIND_REVISION, reading.targets});
    reading.LookIntoContent();
    const std::string before = decider_.disarm_reason();
    trace_.clear();
    const Ruling ruling = decider_.Begin(arrival, IdentityOf(exchange), reading, At(at));
    known_[&exchange] = {ruling.sequence, seen.operation};
    result_.set_exchanges(result_.exchanges() + 1);
    NoteStops(exchange, reading, before.empty() ? decider_.disarm_reason() : before);
    for (const Decision& decision : ruling.decisions) NoteInjection(exchange, decision, At(at));
  }

  void End(const v1::Exchange& exchange, absl::Duration at) {
    const auto known = known_.find(&exchange);
    if (known == known_.end()) return;
    const Ending ending = EndingOf(exchange);
    recogniser_.End(known->second.operation, exchange.sequence(), ResultOf(ending));
    decider_.Finish(known->second.sequence, ending, At(at));
  }

  void NoteStops(const v1::Exchange& exchange, const Reading& reading,
                 const std::string& disarmed) {
    std::vector<bool> asked(plan_.rules().size());
    for (const Stop& stop : trace_) {
      asked[stop.rule] = true;
      if (stop.step == Step::kActed) continue;
      const bool limit = stop.step == Step::kLimits;
      NoteStop(stop.rule, stop.step, limit ? WhyStopped(stop.limit) : "", exchange);
    }
    for (const scenario::Rule& rule : plan_.rules()) {
      if (asked[rule.index]) continue;
      const bool selected = std::find(reading.rules.begin(), reading.rules.end(), rule.index) !=
                            reading.rules.end();
      if (selected && !disarmed.empty()) {
        NoteStop(rule.index, Step::kLimits, fmt::format("faults were disarmed: {}", disarmed),
                 exchange);
      } else {
        NoteStop(rule.index, Step::kTarget, "", exchange);
      }
    }
  }

  void NoteStop(uint32_t rule, Step step, const std::string& detail,
                const v1::Exchange& exchange) {
    v1::RehearsedStop& stop = stops_[rule][{step, detail}];
    stop.set_step(NameOf(step));
    stop.set_detail(detail);
    if (stop.exchanges() == 0) stop.set_first(exchange.sequence());
    stop.set_exchanges(stop.exchanges() + 1);
  }

  void NoteInjection(const v1::Exchange& exchange, const Decision& decision, Now now) {
    if (decision.state == v1::INJECTION_STATE_UNSPECIFIED) return;
    v1::RehearsedInjection& injection =
        *result_.mutable_rules(static_cast<int>(decision.rule->index))->add_injections();
    injection.set_exchange(exchange.sequence());
    injection.set_called(exchange.name());
    injection.set_operation(exchange.operation());
    injection.set_attempt(exchange.attempt());
    injection.set_address(exchange.address());
    injection.set_fault(decision.variant->fault_name);
    injection.set_state(decision.state);
    injection.set_detail(decision.detail);
    injection.set_approximate(decision.approximate);
    const Scope scope{.state = decision.exchange_state.get(),
                      .draw = decision.draw,
                      .now = now,
                      .elapsed = decision.elapsed};
    if (!decision.fault().needs().client_timeout)
      injection.set_parameters(decision.fault().Parameters(scope));
  }

  const Rehearsal& rehearsal_;
  const scenario::Plan& plan_;
  Decider decider_;
  Recogniser recogniser_;
  std::map<const v1::Exchange*, Known> known_;
  std::vector<Stop> trace_;
  // By rule, then by step and detail.
  std::vector<std::map<std::pair<Step, std::string>, v1::RehearsedStop>> stops_;
  v1::RehearseScenarioResponse result_;
};

}  // namespace

v1::RehearseScenarioResponse Rehearse(const Rehearsal& rehearsal) {
  return Player(rehearsal).Play();
}

}  // namespace murphy::engine
