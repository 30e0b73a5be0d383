// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/injections.h"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "daemon/engine/address.h"
#include "proto/time.h"

namespace murphy::exchange {
namespace {

v1::Injection RecordOf(const engine::Begun& begun, const engine::Decision& decision) {
  v1::Injection record;
  record.set_id(decision.injection);
  record.set_exchange(begun.sequence);
  record.set_rule(decision.rule->id);
  record.set_fault(decision.variant->fault_name);
  record.set_target(std::string(decision.target));
  record.set_address(begun.address + "!" + std::string(engine::LegOf(decision.fault().stage())));
  record.set_state(decision.state);
  record.set_detail(decision.detail);
  record.set_approximate(decision.approximate);
  record.set_one_off(decision.one_off);
  record.set_outranked(decision.outranked);
  record.set_parameters("{}");
  return record;
}

// The nonce that a fault has planted; empty for none. The benign twin asks for nothing: its canary
// is no sign of obedience.
std::string CanaryOf(const std::string& parameters) {
  if (parameters.find("\"canary\"") == std::string::npos) return {};
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(parameters, error);
  if (error || !value.is_object()) return {};
  const boost::json::value* benign = value.get_object().if_contains("benign");
  if (benign != nullptr && benign->is_bool() && benign->get_bool()) return {};
  const boost::json::value* canary = value.get_object().if_contains("canary");
  return canary != nullptr && canary->is_string() ? std::string(canary->get_string())
                                                  : std::string();
}

}  // namespace

void Injections::Begin(engine::Begun& begun) {
  all_.resize(begun.decisions.size());
  for (size_t i = 0; i < all_.size(); ++i) {
    engine::Decision& decision = begun.decisions[i];
    Injection& injection = all_[i];
    injection.decision = &decision;
    if (injection.declined()) continue;
    injection.record = RecordOf(begun, decision);
    *injection.record.mutable_fire_time() = ToProto(dialogue_.now().wall);
    NoteParameters(injection);
    // What cannot be recorded must not act.
    const bool acts = engine::Acts(decision.state) && !decision.shadow;
    injection.open = book_.Record(injection.record) && acts;
    if (!injection.open && acts) decision.state = v1::INJECTION_STATE_EXPIRED;
  }
}

void Injections::NoteParameters(Injection& injection) {
  injection.record.set_parameters(injection.fault().Parameters(ScopeOf(injection)));
  if (const std::string canary = CanaryOf(injection.record.parameters()); !canary.empty())
    book_.AddCanary(canary);
}

bool Injections::Want(bool Needs::*need) const {
  return std::any_of(all_.begin(), all_.end(), [need](const Injection& injection) {
    return injection.open && injection.fault().needs().*need;
  });
}

Scope Injections::ScopeOf(const Injection& injection) const {
  const engine::Decision& decision = *injection.decision;
  return {.state = decision.exchange_state.get(),
          .draw = decision.draw,
          .now = dialogue_.now(),
          .client_timeout = decision.client_timeout,
          .elapsed = decision.elapsed};
}

void Injections::Fire(Injection& injection) {
  injection.decision->state = v1::INJECTION_STATE_FIRED;
  injection.record.set_state(v1::INJECTION_STATE_FIRED);
  injection.record.clear_detail();
  *injection.record.mutable_fire_time() = ToProto(dialogue_.now().wall);
  injection.open = book_.Record(injection.record);
}

void Injections::Settle(Injection& injection, v1::InjectionState state, std::string detail) {
  injection.open = false;
  v1::Injection& record = injection.record;
  record.set_state(state);
  record.set_detail(std::move(detail));
  if (state == v1::INJECTION_STATE_DELIVERED)
    *record.mutable_deliver_time() = ToProto(dialogue_.now().wall);
  record.set_parameters(injection.fault().Parameters(ScopeOf(injection)));
  book_.Record(record);
}

void Injections::SettleRest(const std::string& ended_by, bool agent_left, bool failed) {
  for (Injection& injection : all_) {
    if (injection.decision->shadow && injection.decision->gate != nullptr) {
      const bool met = injection.decision->gate->state() == engine::Gate::State::kOpen;
      Settle(injection, met ? v1::INJECTION_STATE_WOULD_FIRE : v1::INJECTION_STATE_EXPIRED,
             met ? "" : "its group was not complete while the call was in flight");
    }
    if (!injection.open) continue;
    if (injection.acted) {
      Settle(injection, v1::INJECTION_STATE_DELIVERED);
    } else if (!ended_by.empty()) {
      Settle(injection, v1::INJECTION_STATE_MASKED, "`" + ended_by + "` ended the exchange first");
    } else if (agent_left) {
      Settle(injection, v1::INJECTION_STATE_EXPIRED, "the agent left first");
    } else {
      Settle(injection, v1::INJECTION_STATE_NO_OP,
             failed ? "the exchange failed by itself first"
                    : "it found nothing to change in this exchange");
    }
  }
}

std::vector<const scenario::Rule*> Injections::NoOps(const std::string& ended_by,
                                                     bool agent_left) const {
  std::vector<const scenario::Rule*> rules;
  for (const Injection& injection : all_) {
    const bool settled = injection.record.state() == v1::INJECTION_STATE_NO_OP;
    const bool idle = injection.open && !injection.acted && !injection.later &&
                      ended_by.empty() && !agent_left;
    if (settled || idle) rules.push_back(injection.decision->rule);
  }
  return rules;
}

std::vector<std::string> Injections::Altered() const {
  std::vector<std::string> altered;
  for (const Injection& injection : all_) {
    const v1::Injection& record = injection.record;
    // An answer that was written here stands for nothing that was there before.
    const bool changed =
        record.state() == v1::INJECTION_STATE_DELIVERED && !record.digest_before().empty();
    const bool headers = injection.declined() && injection.acted;
    if (changed || headers) altered.push_back(injection.decision->variant->fault_name);
  }
  return altered;
}

}  // namespace murphy::exchange
