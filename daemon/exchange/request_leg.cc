// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/request_leg.h"

#include <algorithm>
#include <array>

#include "daemon/exchange/digest.h"
#include "daemon/exchange/edits.h"
#include "daemon/exchange/perform.h"

namespace murphy::exchange {
namespace {

// Headers of the request, as the next fault and the upstream see them.
Leg<Next> EditHeaders(Life& life, Outgoing& outgoing, Injection& injection,
                      const action::EditHead& edit) {
  message::Headers& headers = life.subject.request.headers;
  const std::string before = DigestOf(headers);
  ApplyEdits(edit, headers, outgoing.edits.head);
  NoteEdit(life, injection, before, DigestOf(headers), "the edit left the headers as they were");
  co_return Next::kGoOn;
}

Leg<Next> ReplaceBody(Life& life, Outgoing& outgoing, Injection& injection,
                      const action::ReplaceBody& replace) {
  message::Request& request = life.subject.request;
  if (!request.body_complete) {
    life.injections.Settle(injection, v1::INJECTION_STATE_NO_OP,
                           "the request was too large to hold, or could not be decoded");
    co_return Next::kGoOn;
  }
  const std::string before = DigestOf(request.body);
  request.body = replace.body;
  outgoing.edits.body = replace.body;
  NoteEdit(life, injection, before, DigestOf(request.body), "the edit left the body as it was");
  co_return Next::kGoOn;
}

Leg<Next> Perform(Life& life, Outgoing& outgoing, Injection& injection,
                  const RequestAction& action) {
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
          [&](const action::ForwardCopies& copies) {
            outgoing.copies = copies;
            outgoing.copier = &injection;
            injection.later = copies.copies > copies.answer;
            return At(Next::kGoOn);
          },
          [&](const action::EditHead& edit) {
            return EditHeaders(life, outgoing, injection, edit);
          },
          [&](const action::ReplaceBody& replace) {
            return ReplaceBody(life, outgoing, injection, replace);
          },
      },
      action);
}

// Once more, for an answer that nobody gets. False: no further copies.
Leg<bool> SendCopy(Life& life, const Outgoing& outgoing) {
  const effect::Transmit transmit{.edits = &outgoing.edits,
                                  .leash = outgoing.copier->decision->leash.get()};
  const Event end = co_await life.Do(transmit);
  if (std::holds_alternative<event::Done>(end)) {
    life.record.set_upstream_requests(life.record.upstream_requests() + 1);
    outgoing.copier->acted = true;
  }
  co_return !std::holds_alternative<event::Released>(end);
}

// The pause between two copies. False: no further copies.
Leg<bool> AwaitGap(Life& life, const Outgoing& outgoing) {
  effect::Hold gap{.leash = outgoing.copier->decision->leash.get()};
  gap.until = life.talk.now().run + outgoing.copies.gap;
  const Event end = co_await life.Do(gap);
  if (Left(end)) AgentGone(life);
  co_return std::holds_alternative<event::Elapsed>(end);
}

}  // namespace

Leg<Next> RequestLeg(Life& life, Outgoing& outgoing) {
  for (Injection& injection : life.injections.all()) {
    if (!injection.open) continue;
    if (injection.decision->gate != nullptr) {
      if (co_await WaitAtGate(life, injection) == Next::kEnded) co_return Next::kEnded;
      if (!injection.open) continue;
    }
    if (injection.decision->offset > absl::ZeroDuration()) {
      if (co_await WaitForTurn(life, injection) == Next::kEnded) co_return Next::kEnded;
      if (!injection.open) continue;
    }
    Scope scope = life.injections.ScopeOf(injection);
    const RequestActions actions =
        injection.fault().OnRequest({.request = life.subject.request,
                                     .call = life.call,
                                     .dialect = *life.dialect,
                                     .agent = life.record.agent()},
                                    scope);
    if (!actions.no_op.empty()) {
      life.injections.Settle(injection, v1::INJECTION_STATE_NO_OP, actions.no_op);
      continue;
    }
    for (const RequestAction& action : actions.list) {
      if (co_await Perform(life, outgoing, injection, action) == Next::kEnded)
        co_return Next::kEnded;
      if (!injection.open) break;
    }
    const bool edits = !injection.record.digest_after().empty();
    if (injection.open && injection.acted && !edits)
      life.injections.Settle(injection, v1::INJECTION_STATE_DELIVERED);
  }
  co_return Next::kGoOn;
}

Leg<Next> Forward(Life& life, Outgoing& outgoing) {
  outgoing.edits.identity =
      life.injections.Want(&Needs::held_answer) || life.injections.Want(&Needs::events);
  if (!life.subject.request.body_complete) outgoing.copies = {.copies = 1};
  for (uint32_t number = 1; number < outgoing.copies.answer; ++number) {
    const bool sent = co_await SendCopy(life, outgoing);
    if (!sent) break;
    const bool waited = co_await AwaitGap(life, outgoing);
    if (life.agent_left) co_return Next::kEnded;
    if (!waited) break;
  }
  const effect::Forward forward{&outgoing.edits, outgoing.copies.copies > 1};
  const Event end = co_await life.Do(forward);
  const bool sent = std::holds_alternative<event::Done>(end);
  // Nobody has seen an edit of what was not sent.
  for (Injection& injection : life.injections.all()) injection.acted &= sent || !injection.open;
  if (Left(end)) co_return AgentGone(life);
  if (const auto* failed = std::get_if<event::Failed>(&end))
    co_return co_await Fail(life, failed->failure);
  life.record.set_upstream_requests(life.record.upstream_requests() + 1);
  co_return Next::kGoOn;
}

Leg<void> SendLateCopies(Life& life, Outgoing& outgoing) {
  for (uint32_t number = outgoing.copies.answer + 1; number <= outgoing.copies.copies; ++number) {
    const bool waited = co_await AwaitGap(life, outgoing);
    if (!waited) break;
    const bool sent = co_await SendCopy(life, outgoing);
    if (!sent) break;
  }
}

}  // namespace murphy::exchange
