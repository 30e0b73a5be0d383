// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/exchange/answer.h"
#include "daemon/exchange/perform.h"
#include "proto/time.h"

// What goes to the agent.
namespace murphy::exchange {
namespace {

// The first cut that falls inside the next bytes.
const Cut* CutWithin(const Answer& answer, size_t size) {
  const Cut* nearest = nullptr;
  for (const Cut& cut : answer.cuts) {
    const bool inside = cut.keep < answer.sent_bytes + size;
    if (inside && (nearest == nullptr || cut.keep < nearest->keep)) nearest = &cut;
  }
  return nearest;
}

Leg<Next> PerformCut(Answer& answer, const Cut& cut) {
  Life& life = answer.life;
  Injection& injection = *cut.injection;
  injection.acted = true;
  injection.record.set_digest_before(answer.before.Hex());
  injection.record.set_digest_after(answer.sent_digest().Hex());
  switch (cut.end) {
    case action::CutBody::End::kHonest:
      life.ended_by = injection.rule();
      if (answer.framing != message::Framing::kWhole) life.record.set_origin(v1::ORIGIN_INJECTED);
      return EndBody(answer);
    case action::CutBody::End::kLying:
      return BreakOff(life, injection, effect::Break::How::kClose);
    case action::CutBody::End::kReset:
      return BreakOff(life, injection, effect::Break::How::kReset);
  }
  return At(Next::kEnded);
}

// Notes what the agent is about to have. With the end of the answer among it, how that ended is
// known.
void Observe(Answer& answer, std::string_view bytes, const message::Part* part) {
  Observer& sent = *answer.life.sent;
  if (part != nullptr) {
    sent.Feed(*part);
  } else if (answer.in_parts) {
    sent.Feed(message::Part{.raw = std::string(bytes), .framing = answer.framing});
  } else {
    sent.Feed(bytes);
  }
  if (sent.over()) Conclude(answer.life, v1::END_STATE_COMPLETE);
}

}  // namespace

Leg<Next> SendHead(Answer& answer) {
  Life& life = answer.life;
  life.answering = true;
  *life.record.mutable_first_byte() = ToProto(life.talk.now().run - life.subject.arrived.run);
  if (answer.edits.framed != Framed::kAsReceived) {
    message::AnswerHead head = life.head;
    if (answer.edits.decoded) head.headers.Remove("content-encoding");
    life.sent.emplace(*life.dialect, head, life.call, *life.subject.held);
  }
  const effect::SendHead head{&answer.edits};
  const Event end = co_await life.Do(head);
  co_return Left(end) ? AgentGone(life) : Next::kGoOn;
}

Leg<Next> SendBody(Answer& answer, std::string_view bytes, const message::Part* part) {
  Life& life = answer.life;
  const Cut* cut = CutWithin(answer, bytes.size());
  if (cut != nullptr) {
    bytes = bytes.substr(0, cut->keep - std::min(cut->keep, answer.sent_bytes));
    answer.Diverge();
  }
  if (!bytes.empty()) {
    if (answer.after.has_value()) answer.after->Add(bytes);
    answer.sent_bytes += bytes.size();
    Observe(answer, bytes, cut == nullptr ? part : nullptr);
    const effect::SendPart sending{bytes};
    const Event end = co_await life.Do(sending);
    if (Left(end)) co_return AgentGone(life);
  }
  if (cut == nullptr) co_return Next::kGoOn;
  co_return co_await PerformCut(answer, *cut);
}

Leg<Next> EndBody(Answer& answer) {
  Conclude(answer.life, v1::END_STATE_COMPLETE);
  const Event end = co_await answer.life.Do(effect::kFinish);
  if (Left(end)) co_return AgentGone(answer.life);
  co_return Next::kEnded;
}

}  // namespace murphy::exchange
