// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/perform.h"

#include "daemon/dialect/own_failure.h"
#include "daemon/exchange/digest.h"
#include "daemon/exchange/record.h"

namespace murphy::exchange {

Leg<Next> Wait(Life& life, Injection& injection, std::optional<absl::Duration> duration) {
  effect::Hold hold{.leash = injection.decision->leash.get()};
  if (duration.has_value()) hold.until = life.talk.now().run + *duration;
  const Event end = co_await life.Do(hold);
  if (const auto* released = std::get_if<event::Released>(&end)) {
    life.injections.Settle(injection, v1::INJECTION_STATE_EXPIRED,
                           "released before its time: " + released->why);
    co_return Next::kGoOn;
  }
  injection.acted = true;
  if (!Left(end)) co_return Next::kGoOn;
  life.record.set_origin(v1::ORIGIN_INJECTED);
  life.injections.Settle(injection, v1::INJECTION_STATE_DELIVERED);
  co_return AgentGone(life);
}

Leg<Next> Hang(Life& life, Injection& injection, std::optional<absl::Duration> duration) {
  const Next next = co_await Wait(life, injection, duration);
  if (next == Next::kEnded) life.ended_by = injection.rule();
  if (next == Next::kEnded || !injection.open) co_return next;
  co_return co_await BreakOff(life, injection, effect::Break::How::kClose);
}

Leg<Next> WaitAtGate(Life& life, Injection& injection) {
  const engine::Gate& gate = *injection.decision->gate;
  const effect::Hold hold{
      .until = gate.deadline(), .leash = injection.decision->leash.get(), .gate = &gate};
  const Event end = co_await life.Do(hold);
  if (Left(end)) {
    life.record.set_origin(v1::ORIGIN_INJECTED);
    life.injections.Settle(injection, v1::INJECTION_STATE_EXPIRED,
                           "the agent left while its group was waited for");
    co_return AgentGone(life);
  }
  if (std::holds_alternative<event::Elapsed>(end)) life.subject.book->Expire(gate);
  const auto* released = std::get_if<event::Released>(&end);
  if (released != nullptr || gate.state() != engine::Gate::State::kOpen) {
    life.injections.Settle(injection, v1::INJECTION_STATE_EXPIRED,
                           released != nullptr ? released->why : gate.late());
    co_return Next::kGoOn;
  }
  life.injections.Fire(injection);
  co_return Next::kGoOn;
}

Leg<Next> WaitForTurn(Life& life, Injection& injection) {
  const effect::Hold hold{.until = life.talk.now().run + injection.decision->offset,
                          .leash = injection.decision->leash.get()};
  const Event end = co_await life.Do(hold);
  if (Left(end)) {
    life.record.set_origin(v1::ORIGIN_INJECTED);
    life.injections.Settle(injection, v1::INJECTION_STATE_EXPIRED,
                           "the agent left before its turn after the rendezvous");
    co_return AgentGone(life);
  }
  if (const auto* released = std::get_if<event::Released>(&end)) {
    life.injections.Settle(injection, v1::INJECTION_STATE_EXPIRED,
                           "released before its time: " + released->why);
  }
  co_return Next::kGoOn;
}

Leg<Next> BreakOff(Life& life, Injection& injection, effect::Break::How how) {
  life.ended_by = injection.rule();
  life.record.set_origin(v1::ORIGIN_INJECTED);
  if (!life.answering) life.record.set_status(0);
  Conclude(life, life.answering ? v1::END_STATE_BROKEN : v1::END_STATE_NO_ANSWER);
  const effect::Break broken{how};
  co_await life.Do(broken);
  injection.acted = true;
  life.injections.Settle(injection, v1::INJECTION_STATE_DELIVERED);
  co_return Next::kEnded;
}

Leg<Next> Respond(Life& life, Injection& injection, const message::Response& response) {
  life.ended_by = injection.rule();
  life.record.set_origin(v1::ORIGIN_INJECTED);
  life.record.set_status(static_cast<uint32_t>(response.status));
  injection.record.set_digest_after(DigestOf(response));
  NoteStatedDelay(life, response.headers);
  const message::AnswerHead head{response.status, response.reason, response.headers};
  life.sent.emplace(*life.dialect, head, life.call, *life.subject.held);
  life.sent->Feed(response.body);
  Conclude(life, v1::END_STATE_COMPLETE);
  const effect::Author authored{&response};
  const Event end = co_await life.Do(authored);
  if (Left(end)) {
    life.injections.Settle(injection, v1::INJECTION_STATE_EXPIRED,
                           "the agent left before it could be answered");
    co_return AgentGone(life);
  }
  injection.acted = true;
  life.injections.Settle(injection, v1::INJECTION_STATE_DELIVERED);
  co_return Next::kEnded;
}

Leg<Next> Fail(Life& life, Failure failure) {
  life.record.set_failure(failure.sentence);
  life.record.set_failure_cause(failure.origin == v1::ORIGIN_DOWNSTREAM
                                    ? v1::FAILURE_CAUSE_REQUEST
                                    : failure.cause);
  life.record.set_origin(failure.origin);
  if (life.answering) {
    // Never a clean end for half an answer.
    Conclude(life, v1::END_STATE_BROKEN);
    const effect::Break broken{effect::Break::How::kReset};
    co_await life.Do(broken);
    co_return Next::kEnded;
  }
  life.record.set_status(static_cast<uint32_t>(failure.status));
  Conclude(life, v1::END_STATE_NO_ANSWER);
  const message::Response response = dialect::OwnFailure(
      *life.dialect, life.call, failure.status, failure.origin, failure.sentence);
  const effect::Fail told{&failure, &response};
  const Event end = co_await life.Do(told);
  if (Left(end)) co_return AgentGone(life);
  co_return Next::kEnded;
}

}  // namespace murphy::exchange
