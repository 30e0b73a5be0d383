// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/dialect/decoder.h"
#include "daemon/exchange/answer.h"
#include "daemon/exchange/perform.h"

// How an answer is passed on.
namespace murphy::exchange {
namespace {

// The upstream failed in the middle of its answer, or the agent has left.
Leg<Next> GiveUp(Answer& answer) {
  if (answer.life.agent_left) return At(AgentGone(answer.life));
  return Fail(answer.life, *answer.failure);
}

// Faults that waited for the end of the answer say whether they found anything.
void AskAtEnd(Answer& answer) {
  Injections& injections = answer.life.injections;
  for (Injection& injection : injections.all()) {
    if (!injection.open || injection.acted) continue;
    Scope scope = injections.ScopeOf(injection);
    const EventActions actions = injection.fault().OnEnd(scope);
    if (!actions.no_op.empty())
      injections.Settle(injection, v1::INJECTION_STATE_NO_OP, actions.no_op);
  }
}

// The bytes as they travel.
Leg<Next> RelayAsReceived(Answer& answer) {
  Life& life = answer.life;
  if (co_await SendHead(answer) == Next::kEnded) co_return Next::kEnded;
  while (answer.has_body) {
    Event next = co_await life.Do(effect::kNextBytes);
    const auto* bytes = std::get_if<event::Bytes>(&next);
    if (bytes == nullptr) {
      if (auto* failed = std::get_if<event::Failed>(&next))
        co_return co_await Fail(life, std::move(failed->failure));
      if (Left(next)) co_return AgentGone(life);
      break;
    }
    life.upstream->Feed(bytes->payload);
    if (bytes->last || life.upstream->over()) Conclude(life, v1::END_STATE_COMPLETE);
    const effect::SendPart part{bytes->travelled};
    const bool last = bytes->last;
    const Event sent = co_await life.Do(part);
    if (Left(sent)) co_return AgentGone(life);
    if (last) break;
  }
  AskAtEnd(answer);
  co_return co_await EndBody(answer);
}

// An answer that was held, and is no stream.
Leg<Next> SendHeld(Answer& answer) {
  const std::string whole = message::Bytes(answer.document);
  answer.document = {};
  answer.edits.framed = Framed::kLength;
  answer.edits.decoded = true;
  answer.edits.length = whole.size();
  for (const Cut& cut : answer.cuts) {
    const bool admitted = cut.end == action::CutBody::End::kHonest;
    const bool first = std::all_of(answer.cuts.begin(), answer.cuts.end(),
                                   [&](const Cut& other) { return cut.keep <= other.keep; });
    if (admitted && first) answer.edits.length = std::min<uint64_t>(cut.keep, whole.size());
  }
  if (answer.edited) answer.Diverge();
  if (co_await SendHead(answer) == Next::kEnded) co_return Next::kEnded;
  AskAtEnd(answer);
  // What is known of the end is told before the agent can see it.
  const bool cut = std::any_of(answer.cuts.begin(), answer.cuts.end(),
                               [&](const Cut& each) { return each.keep < whole.size(); });
  if (!cut) {
    answer.life.sent->Feed(whole);
    Conclude(answer.life, v1::END_STATE_COMPLETE);
    const effect::SendPart part{whole};
    const Event sent = co_await answer.life.Do(part);
    if (Left(sent)) co_return AgentGone(answer.life);
    co_return co_await EndBody(answer);
  }
  if (co_await SendBody(answer, whole) == Next::kEnded) co_return Next::kEnded;
  co_return co_await EndBody(answer);
}

// A body that a cut falls into, as it is coded.
Leg<Next> RelayToCut(Answer& answer) {
  answer.edits.framed = Framed::kAgain;
  const bool admitted =
      std::any_of(answer.cuts.begin(), answer.cuts.end(),
                  [](const Cut& cut) { return cut.end == action::CutBody::End::kHonest; });
  if (admitted) answer.edits.framed = Framed::kOpen;
  if (co_await SendHead(answer) == Next::kEnded) co_return Next::kEnded;
  bool more = true;
  while (more || !answer.read.empty()) {
    const std::string bytes = std::exchange(answer.read, {});
    answer.arrivals.clear();
    if (co_await SendBody(answer, bytes) == Next::kEnded) co_return Next::kEnded;
    answer.before.Add(bytes);
    more = co_await ReadMore(answer);
  }
  if (!answer.ended) co_return co_await GiveUp(answer);
  AskAtEnd(answer);
  co_return co_await EndBody(answer);
}

}  // namespace

Leg<Next> Relay(Answer& answer) {
  Life& life = answer.life;
  if (answer.held && !answer.document.stream) return SendHeld(answer);
  if (answer.held) return RelayParts(answer);
  if (!answer.has_body) return RelayAsReceived(answer);
  const bool parts =
      answer.framing != message::Framing::kWhole && life.injections.Want(&Needs::events);
  if (parts && dialect::NewDecoder(life.head.headers.Find("content-encoding"), SIZE_MAX))
    return RelayParts(answer);
  // What has been read of an answer that was too large to hold goes out first.
  if (!answer.cuts.empty() || !answer.read.empty() || answer.ended) return RelayToCut(answer);
  return RelayAsReceived(answer);
}

}  // namespace murphy::exchange
