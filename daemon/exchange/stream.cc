// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/dialect/decoder.h"
#include "daemon/exchange/answer.h"
#include "daemon/exchange/perform.h"

// While an answer streams: every part passes the faults, one after the other, before it passes on.
namespace murphy::exchange {
namespace {

// As many as EventInput promises, and a margin so that old ones go in batches.
constexpr size_t kSentParts = 64;

// One fault in the pipeline, and what it has passed on.
struct Station {
  Injection* injection;
  bool keeps_sent;
  uint32_t events = 0;
  uint64_t bytes = 0;
  std::vector<message::Part> sent;

  void Pass(const message::Part& part) {
    bytes += part.raw.size();
    if (!part.data.empty()) ++events;
    if (!keeps_sent) return;
    sent.push_back(part);
    if (sent.size() > 2 * kSentParts) sent.erase(sent.begin(), sent.begin() + kSentParts);
  }
};

struct Pipeline {
  Answer& answer;
  std::vector<Station> stations;
  // Events with data of the whole answer, when it was held.
  std::optional<uint32_t> total;
};

Leg<Next> Push(Pipeline& pipeline, size_t first, message::Part part);

// The stream ends here, correctly.
Leg<Next> EndStream(Pipeline& pipeline, Injection& injection) {
  Answer& answer = pipeline.answer;
  Life& life = answer.life;
  answer.Diverge();
  injection.acted = true;
  life.ended_by = injection.rule();
  life.record.set_origin(v1::ORIGIN_INJECTED);
  injection.record.set_digest_before(answer.before.Hex());
  injection.record.set_digest_after(answer.sent_digest().Hex());
  const Next next = co_await EndBody(answer);
  if (!life.agent_left) life.injections.Settle(injection, v1::INJECTION_STATE_DELIVERED);
  co_return next;
}

Leg<Next> BreakStream(Pipeline& pipeline, Injection& injection, effect::Break::How how) {
  Answer& answer = pipeline.answer;
  answer.Diverge();
  injection.record.set_digest_before(answer.before.Hex());
  injection.record.set_digest_after(answer.sent_digest().Hex());
  return BreakOff(answer.life, injection, how);
}

Leg<Next> Emit(Pipeline& pipeline, size_t at, const message::Part& part) {
  Station& station = pipeline.stations[at];
  station.injection->acted = true;
  pipeline.answer.Diverge();
  station.Pass(part);
  return Push(pipeline, at + 1, part);
}

Leg<Next> Drop(Pipeline& pipeline, Injection& injection, bool& dropped) {
  pipeline.answer.Diverge();
  injection.acted = true;
  dropped = true;
  return At(Next::kGoOn);
}

Leg<Next> Perform(Pipeline& pipeline, size_t at, const EventAction& action, bool& dropped) {
  Injection& injection = *pipeline.stations[at].injection;
  Life& life = pipeline.answer.life;
  return std::visit(
      ByCase{
          [&](const action::Delay& delay) { return Wait(life, injection, delay.duration); },
          [&](const action::Emit& emit) { return Emit(pipeline, at, emit.part); },
          [&](const action::Drop&) { return Drop(pipeline, injection, dropped); },
          [&](const action::EndStream&) { return EndStream(pipeline, injection); },
          [&](const action::Reset&) {
            return BreakStream(pipeline, injection, effect::Break::How::kReset);
          },
          [&](const action::Close&) {
            return BreakStream(pipeline, injection, effect::Break::How::kClose);
          },
      },
      action);
}

EventActions Ask(Pipeline& pipeline, const Station& station, const message::Part& part) {
  Life& life = pipeline.answer.life;
  Scope scope = life.injections.ScopeOf(*station.injection);
  return station.injection->fault().OnEvent({.call = life.call,
                                             .dialect = *life.dialect,
                                             .part = part,
                                             .events = station.events,
                                             .bytes = station.bytes,
                                             .sent = station.sent,
                                             .total = pipeline.total},
                                            scope);
}

bool IsEmit(const EventAction& action) { return std::holds_alternative<action::Emit>(action); }
bool IsDrop(const EventAction& action) { return std::holds_alternative<action::Drop>(action); }

// What a fault does in place of a part, or beside it. One that is released after it has sent the
// beginning of a part sends the rest: the whole part would repeat what the agent has.
Leg<Next> PerformAll(Pipeline& pipeline, size_t at, const EventActions& actions, bool& dropped) {
  const Injection& injection = *pipeline.stations[at].injection;
  const bool replaces = std::any_of(actions.list.begin(), actions.list.end(), IsDrop);
  bool sent = false;
  for (const EventAction& action : actions.list) {
    const bool rest = IsEmit(action) || IsDrop(action);
    if (!injection.open && !rest) continue;
    const Next next = co_await Perform(pipeline, at, action, dropped);
    if (next == Next::kEnded) co_return next;
    sent = sent || IsEmit(action);
    if (!injection.open && !(sent && replaces)) co_return next;
  }
  co_return Next::kGoOn;
}

// A part on its way through the faults from `first` on, and out.
Leg<Next> Push(Pipeline& pipeline, size_t first, message::Part part) {
  for (size_t at = first; at < pipeline.stations.size(); ++at) {
    Station& station = pipeline.stations[at];
    if (!station.injection->open) continue;
    const EventActions actions = Ask(pipeline, station, part);
    if (!actions.no_op.empty()) {
      pipeline.answer.life.injections.Settle(*station.injection, v1::INJECTION_STATE_NO_OP,
                                             actions.no_op);
      continue;
    }
    bool dropped = false;
    const Next next = co_await PerformAll(pipeline, at, actions, dropped);
    if (next == Next::kEnded) co_return next;
    if (dropped) co_return Next::kGoOn;
    station.Pass(part);
  }
  co_return co_await SendBody(pipeline.answer, part.raw, &part);
}

// What the upstream has sent goes in.
Leg<Next> Enter(Pipeline& pipeline, message::Part part) {
  Answer& answer = pipeline.answer;
  const bool counted = answer.held;
  std::string raw = counted ? std::string() : part.raw;
  const Next next = co_await Push(pipeline, 0, std::move(part));
  if (!counted) answer.before.Add(raw);
  co_return next;
}

// The stream has ended: what is held back goes out.
Leg<Next> Flush(Pipeline& pipeline) {
  Injections& injections = pipeline.answer.life.injections;
  for (size_t at = 0; at < pipeline.stations.size(); ++at) {
    Injection& injection = *pipeline.stations[at].injection;
    if (!injection.open) continue;
    Scope scope = injections.ScopeOf(injection);
    const EventActions actions = injection.fault().OnEnd(scope);
    if (!actions.no_op.empty() && !injection.acted) {
      injections.Settle(injection, v1::INJECTION_STATE_NO_OP, actions.no_op);
      continue;
    }
    bool dropped = false;
    for (const EventAction& action : actions.list) {
      if (co_await Perform(pipeline, at, action, dropped) == Next::kEnded)
        co_return Next::kEnded;
    }
  }
  co_return Next::kGoOn;
}

// A stream that was held keeps its pace.
Leg<Next> SendHeldParts(Pipeline& pipeline) {
  Answer& answer = pipeline.answer;
  Life& life = answer.life;
  if (answer.edited) answer.Diverge();
  const absl::Duration began = life.talk.now().run;
  for (message::Part& part : answer.document.parts) {
    const absl::Duration due = began + part.at;
    if (due - life.talk.now().run > absl::Milliseconds(1)) {
      const effect::Hold pace{.until = due};
      const Event end = co_await life.Do(pace);
      if (Left(end)) co_return AgentGone(life);
    }
    if (co_await Enter(pipeline, std::move(part)) == Next::kEnded) co_return Next::kEnded;
  }
  co_return Next::kGoOn;
}

// Part by part, as they arrive.
Leg<Next> SendArriving(Pipeline& pipeline) {
  Answer& answer = pipeline.answer;
  const auto decoder =
      dialect::NewDecoder(answer.life.head.headers.Find("content-encoding"), SIZE_MAX);
  const auto framer = message::NewFramer(answer.framing);
  std::vector<message::Part> parts;
  bool more = true;
  while (more || !answer.read.empty()) {
    std::string decoded;
    if (!decoder->Feed(std::exchange(answer.read, {}), decoded))
      answer.failure = Failure{.sentence = "The upstream's answer could not be decoded."};
    answer.arrivals.clear();
    parts.clear();
    framer->Feed(decoded, parts);
    for (message::Part& part : parts) {
      if (co_await Enter(pipeline, std::move(part)) == Next::kEnded) co_return Next::kEnded;
    }
    more = co_await ReadMore(answer);
  }
  std::string tail = framer->TakeTail();
  if (tail.empty()) co_return Next::kGoOn;
  // SDKs take what a stream ends with for an event, blank line or not.
  message::Part last = message::TailPart(answer.framing, std::move(tail));
  co_return co_await Enter(pipeline, std::move(last));
}

}  // namespace

Leg<Next> RelayParts(Answer& answer) {
  Life& life = answer.life;
  Pipeline pipeline{.answer = answer};
  for (Injection& injection : life.injections.all()) {
    const Needs needs = injection.fault().needs();
    if (injection.open && needs.events)
      pipeline.stations.push_back({.injection = &injection, .keeps_sent = needs.sent});
  }
  answer.edits.framed = Framed::kOpen;
  answer.edits.decoded = true;
  answer.in_parts = true;
  if (co_await SendHead(answer) == Next::kEnded) co_return Next::kEnded;
  if (answer.held) {
    const auto& parts = answer.document.parts;
    pipeline.total = static_cast<uint32_t>(std::count_if(
        parts.begin(), parts.end(), [](const message::Part& part) { return !part.data.empty(); }));
  }
  Leg<Next> sending = answer.held ? SendHeldParts(pipeline) : SendArriving(pipeline);
  if (co_await sending == Next::kEnded) co_return Next::kEnded;
  if (life.agent_left) co_return AgentGone(life);
  if (answer.failure.has_value()) co_return co_await Fail(life, *answer.failure);
  if (co_await Flush(pipeline) == Next::kEnded) co_return Next::kEnded;
  co_return co_await EndBody(answer);
}

}  // namespace murphy::exchange
