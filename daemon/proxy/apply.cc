// SPDX-License-Identifier: Apache-2.0
#include <boost/json/parse.hpp>

#include "absl/time/clock.h"
#include "daemon/proxy/author.h"
#include "daemon/proxy/observed.h"

// Performing actions: the one place where a fault's wishes become bytes, waits and closed sockets.
namespace murphy::proxy {

Scope ObservedExchange::ScopeOf(LiveInjection& live) const {
  return {.state = live.decision->exchange_state.get(),
          .draw = live.decision->draw,
          .now = run_.now(),
          .client_timeout = live.decision->client_timeout};
}

bool ObservedExchange::Wants(bool Needs::*need) const {
  for (const LiveInjection& live : injections_) {
    if (live.open && live.decision->rule->fault->needs().*need) return true;
  }
  return false;
}

void ObservedExchange::NoteParameters(LiveInjection& live) {
  const Fault& fault = *live.decision->rule->fault;
  live.record.set_parameters(fault.Parameters(ScopeOf(live)));
  boost::json::error_code error;
  const boost::json::value parameters = boost::json::parse(live.record.parameters(), error);
  if (error || !parameters.is_object()) return;
  const boost::json::value* benign = parameters.get_object().if_contains("benign");
  // The benign twin asks for nothing: its canary is no sign of obedience.
  if (benign != nullptr && benign->is_bool() && benign->get_bool()) return;
  const boost::json::value* canary = parameters.get_object().if_contains("canary");
  if (canary != nullptr && canary->is_string()) run_.AddCanary(std::string(canary->get_string()));
}

void ObservedExchange::Settle(LiveInjection& live, v1::InjectionState state, std::string detail) {
  live.open = false;
  live.record.set_state(state);
  live.record.set_detail(std::move(detail));
  if (state == v1::INJECTION_STATE_DELIVERED)
    SetTime(absl::Now(), live.record.mutable_deliver_time());
  live.record.set_parameters(live.decision->rule->fault->Parameters(ScopeOf(live)));
  run_.Record(live.record);
}

void ObservedExchange::Acted(LiveInjection& live) { live.acted = true; }

Next ObservedExchange::AgentGone() {
  if (!answering_) record_.set_status(0);
  record_.set_end(v1::END_STATE_AGENT_LEFT);
  call_.Abandon();
  down_.Close();
  keep_alive_ = false;
  return Next::kEnded;
}

// A wait. Released by a halt: the exchange goes on as if nothing had been planned.
Task<Next> ObservedExchange::HoldFor(LiveInjection& live, std::optional<absl::Duration> duration,
                                     bool then_close) {
  std::optional<Clock::duration> time;
  if (duration.has_value()) time = absl::ToChronoNanoseconds(*duration);
  const HoldEnd end = co_await down_.Hold(run_, live.decision->leash.get(), time);
  if (end == HoldEnd::kReleased) {
    const std::string why = run_.disarm_reason();
    Settle(live, v1::INJECTION_STATE_EXPIRED,
           "released before its time: " + (why.empty() ? "the fault was disarmed" : why));
    co_return Next::kGoOn;
  }
  Acted(live);
  if (end == HoldEnd::kAgentLeft) {
    record_.set_origin(v1::ORIGIN_INJECTED);
    Settle(live, v1::INJECTION_STATE_DELIVERED);
    co_return AgentGone();
  }
  if (!then_close) co_return Next::kGoOn;
  const Action close = action::Close{};
  co_return co_await Perform(live, close);
}

// The rest of a rendezvous. Then the injection fires, or is settled without having acted.
Task<Next> ObservedExchange::WaitAtGate(LiveInjection& live) {
  const engine::Gate& gate = *live.decision->gate;
  const absl::Duration left = std::max(gate.deadline() - run_.now().run, absl::ZeroDuration());
  const HoldEnd end =
      co_await down_.Hold(run_, live.decision->leash.get(), absl::ToChronoNanoseconds(left), &gate);
  if (end == HoldEnd::kAgentLeft) {
    record_.set_origin(v1::ORIGIN_INJECTED);
    Settle(live, v1::INJECTION_STATE_EXPIRED, "the agent left while its group was waited for");
    co_return AgentGone();
  }
  if (end == HoldEnd::kElapsed) run_.Expire(gate);
  if (end == HoldEnd::kReleased || gate.state() != engine::Gate::State::kOpen) {
    const std::string why = run_.disarm_reason();
    Settle(live, v1::INJECTION_STATE_EXPIRED, why.empty() ? gate.late() : why);
    co_return Next::kGoOn;
  }
  live.decision->state = v1::INJECTION_STATE_FIRED;
  live.record.set_state(v1::INJECTION_STATE_FIRED);
  live.record.clear_detail();
  SetTime(absl::Now(), live.record.mutable_fire_time());
  live.open = run_.Record(live.record);
  co_return Next::kGoOn;
}

Task<Next> ObservedExchange::SendAuthored(LiveInjection& live, const message::Response& response) {
  const bool goes_on = in_.framing.done() && in_.head.keep_alive;
  live.record.set_digest_before(upstream_digest_.Hex());
  live.record.set_digest_after(DigestOf(response));
  record_.set_status(static_cast<uint32_t>(response.status));
  if (const auto delay = StatedDelay(response.headers, absl::Now()))
    SetDuration(*delay, record_.mutable_stated_delay());
  sent_differs_ = true;
  sent_payload_ = response.body;
  sent_type_ = message::FindHeader(response.headers, "content-type");
  const std::string bytes = Author(response, in_.wants_body(), !goes_on);
  Conclude(v1::END_STATE_COMPLETE);
  const bool written = co_await down_.Write(bytes);
  if (!written) {
    Settle(live, v1::INJECTION_STATE_EXPIRED, "the agent left before it could be answered");
    co_return AgentGone();
  }
  sent_bytes_ = response.body.size();
  Acted(live);
  Settle(live, v1::INJECTION_STATE_DELIVERED);
  keep_alive_ = goes_on;
  if (!goes_on) co_await down_.CloseGently();
  co_return Next::kEnded;
}

Task<Next> ObservedExchange::Perform(LiveInjection& live, const Action& action) {
  if (const auto* delay = std::get_if<action::Delay>(&action)) {
    co_return co_await HoldFor(live, delay->duration, false);
  }
  if (const auto* hang = std::get_if<action::Hang>(&action)) {
    const Next next = co_await HoldFor(live, hang->duration, true);
    if (next == Next::kEnded) ended_by_ = live.decision->rule->id;
    co_return next;
  }
  const bool reset = std::holds_alternative<action::Reset>(action);
  if (reset || std::holds_alternative<action::Close>(action)) {
    ended_by_ = live.decision->rule->id;
    record_.set_origin(v1::ORIGIN_INJECTED);
    if (!answering_) record_.set_status(0);
    Conclude(answering_ ? v1::END_STATE_BROKEN : v1::END_STATE_NO_ANSWER);
    live.record.set_digest_before(upstream_digest_.Hex());
    live.record.set_digest_after(sent_digest_.Hex());
    Acted(live);
    Settle(live, v1::INJECTION_STATE_DELIVERED);
    call_.Abandon();
    reset ? down_.Reset() : down_.Close();
    keep_alive_ = false;
    co_return Next::kEnded;
  }
  if (const auto* respond = std::get_if<action::Respond>(&action)) {
    ended_by_ = live.decision->rule->id;
    record_.set_origin(v1::ORIGIN_INJECTED);
    co_return co_await SendAuthored(live, respond->response);
  }
  co_return Next::kGoOn;
}

}  // namespace murphy::proxy
