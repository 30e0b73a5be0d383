// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/answer.h"
#include "daemon/exchange/edits.h"
#include "daemon/exchange/perform.h"
#include "daemon/exchange/record.h"

// After the upstream has answered: holding, asking the faults, and passing the answer on.
namespace murphy::exchange {
namespace {

Leg<Next> ReceiveHead(Answer& answer) {
  Life& life = answer.life;
  Event next = co_await life.Do(effect::kNextHead);
  if (Left(next)) co_return AgentGone(life);
  if (auto* failed = std::get_if<event::Failed>(&next))
    co_return co_await Fail(life, std::move(failed->failure));
  auto& head = std::get<event::Head>(next);
  life.head = std::move(head.head);
  answer.has_body = head.has_body;
  answer.head_at = life.talk.now().run;
  answer.framing = message::FramingOf(life.head.headers.Find("content-type"));
  life.upstream.emplace(*life.dialect, life.head, life.call, *life.subject.held,
                        life.begun.keeps_answer || life.begun.reads_answer);
  life.record.set_status(static_cast<uint32_t>(life.head.status));
  life.record.set_upstream_status(static_cast<uint32_t>(life.head.status));
  NoteUpstreamHead(life);
  NoteStatedDelay(life, life.head.headers);
  co_return Next::kGoOn;
}

Leg<Next> DiscardAnswer(Answer& answer) {
  if (answer.has_body && !answer.held && !answer.ended) co_await Hold(answer);
  if (answer.life.agent_left) co_return AgentGone(answer.life);
  if (answer.failure.has_value()) co_return co_await Fail(answer.life, *answer.failure);
  co_return Next::kGoOn;
}

Leg<Next> ReplaceDocument(Answer& answer, Injection& injection,
                          const action::ReplaceDocument& replace) {
  const std::string before = DigestOf(answer.document);
  answer.document = replace.document;
  answer.edited = true;
  NoteEdit(answer.life, injection, before, DigestOf(answer.document),
           "the edit left the answer as it was");
  co_return Next::kGoOn;
}

Leg<Next> EditHead(Answer& answer, Injection& injection, const action::EditHead& edit) {
  message::Headers& headers = answer.life.head.headers;
  const std::string before = DigestOf(headers);
  ApplyEdits(edit, headers, answer.edits.head);
  NoteEdit(answer.life, injection, before, DigestOf(headers),
           "the edit left the headers as they were");
  co_return Next::kGoOn;
}

Leg<Next> Cutting(Answer& answer, Injection& injection, const action::CutBody& cut) {
  answer.cuts.push_back({&injection, cut.keep, cut.end});
  co_return Next::kGoOn;
}

Leg<Next> Perform(Answer& answer, Injection& injection, const AnswerAction& action) {
  Life& life = answer.life;
  return std::visit(
      ByCase{
          [&](const action::Delay& delay) { return Wait(life, injection, delay.duration); },
          [&](const action::Respond& respond) {
            return Respond(life, injection, respond.response);
          },
          [&](const action::Reset&) {
            return BreakOff(life, injection, effect::Break::How::kReset);
          },
          [&](const action::Close&) {
            return BreakOff(life, injection, effect::Break::How::kClose);
          },
          [&](const action::Hang& hang) { return Hang(life, injection, hang.duration); },
          [&](const action::DiscardAnswer&) { return DiscardAnswer(answer); },
          [&](const action::ReplaceDocument& replace) {
            return ReplaceDocument(answer, injection, replace);
          },
          [&](const action::EditHead& edit) { return EditHead(answer, injection, edit); },
          [&](const action::CutBody& cut) { return Cutting(answer, injection, cut); },
      },
      action);
}

AnswerActions Ask(Answer& answer, Injection& injection) {
  Life& life = answer.life;
  Scope scope = life.injections.ScopeOf(injection);
  return injection.fault().OnResponse({.call = life.call,
                                       .dialect = *life.dialect,
                                       .head = life.head,
                                       .document = answer.held ? &answer.document : nullptr,
                                       .history = injection.decision->history},
                                      scope);
}

// Every fault that is still open, in order. What they ask for at this point is performed; edits are
// kept.
Leg<Next> AskFaults(Answer& answer) {
  Injections& injections = answer.life.injections;
  for (Injection& injection : injections.all()) {
    if (!injection.open && !injection.declined()) continue;
    const AnswerActions actions = Ask(answer, injection);
    if (!actions.no_op.empty() && injection.open) {
      injections.Settle(injection, v1::INJECTION_STATE_NO_OP, actions.no_op);
      continue;
    }
    for (const AnswerAction& action : actions.list) {
      // A limiter that had room shows its limits, and does nothing else.
      if (injection.declined() && !std::holds_alternative<action::EditHead>(action)) continue;
      if (co_await Perform(answer, injection, action) == Next::kEnded) co_return Next::kEnded;
      if (!injection.open && !injection.declined()) break;
    }
  }
  co_return Next::kGoOn;
}

}  // namespace

Leg<void> AnswerLeg(Life& life) {
  Answer answer(life);
  if (co_await ReceiveHead(answer) == Next::kEnded) co_return;
  if (answer.has_body && life.injections.Want(&Needs::held_answer)) co_await Hold(answer);
  if (life.agent_left) {
    AgentGone(life);
    co_return;
  }
  if (answer.failure.has_value()) {
    co_await Fail(life, *answer.failure);
    co_return;
  }
  if (co_await AskFaults(answer) == Next::kEnded) co_return;
  co_await Relay(answer);
}

}  // namespace murphy::exchange
