// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/dialects.h"
#include "daemon/exchange/answer.h"
#include "faults/message/let_go.h"

// Reading an answer, and holding it until it is complete.
namespace murphy::exchange {
namespace {

// What an answer takes while it is held: as it came, and in parts with their data.
constexpr uint64_t kCopies = 3;

// A held stream keeps its pace: each part has the time at which its last byte arrived.
message::Document InParts(const Answer& answer, std::string_view coding, size_t limit, bool& whole) {
  message::Document document{.stream = true};
  const auto decoder = dialect::NewDecoder(coding, limit);
  const auto framer = message::NewFramer(answer.framing, limit);
  whole = decoder != nullptr;
  for (size_t i = 0; whole && i < answer.arrivals.size(); ++i) {
    const auto [begin, at] = answer.arrivals[i];
    const size_t end =
        i + 1 < answer.arrivals.size() ? answer.arrivals[i + 1].first : answer.read.size();
    std::string decoded;
    whole = decoder->Feed(std::string_view(answer.read).substr(begin, end - begin), decoded);
    const size_t first = document.parts.size();
    framer->Feed(decoded, document.parts);
    for (size_t part = first; part < document.parts.size(); ++part) document.parts[part].at = at;
  }
  if (std::string tail = framer->TakeTail(); !tail.empty()) {
    document.parts.push_back(message::TailPart(answer.framing, std::move(tail)));
    document.parts.back().at = answer.arrivals.back().second;
  }
  return document;
}

message::Document InOne(std::string body) {
  message::Document document;
  document.parts.push_back({.raw = body, .data = std::move(body)});
  return document;
}

}  // namespace

Leg<bool> ReadMore(Answer& answer) {
  Life& life = answer.life;
  if (answer.ended || answer.failure.has_value() || life.agent_left) co_return false;
  Event next = co_await life.Do(effect::kNextBytes);
  if (const auto* bytes = std::get_if<event::Bytes>(&next)) {
    life.upstream->Feed(bytes->payload);
    if (answer.framing != message::Framing::kWhole)
      answer.arrivals.emplace_back(answer.read.size(), life.talk.now().run - answer.head_at);
    answer.read.append(bytes->payload);
    answer.ended = bytes->last;
    co_return true;
  }
  answer.ended = std::holds_alternative<event::End>(next);
  if (auto* failed = std::get_if<event::Failed>(&next)) answer.failure = std::move(failed->failure);
  life.agent_left = Left(next);
  co_return false;
}

Leg<void> Hold(Answer& answer) {
  Life& life = answer.life;
  const size_t limit = life.subject.most_held;
  bool more = true;
  while (more && answer.read.size() < limit) {
    const size_t before = answer.read.size();
    more = co_await ReadMore(answer);
    if (more && !life.share.Grow(kCopies * (answer.read.size() - before))) break;
  }
  if (!answer.ended || answer.read.size() >= limit) co_return;
  const std::string_view coding = life.head.headers.Find("content-encoding");
  if (answer.framing != message::Framing::kWhole) {
    answer.document = InParts(answer, coding, limit, answer.held);
  } else if (auto decoded = dialect::Decode(coding, answer.read, limit); decoded.has_value()) {
    answer.held = true;
    answer.document = InOne(*std::move(decoded));
  }
  if (!answer.held) co_return;
  answer.before.Add(answer.read);
  message::LetGo(answer.read);
}

}  // namespace murphy::exchange
