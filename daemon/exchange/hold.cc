// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "daemon/dialect/decoder.h"
#include "daemon/exchange/answer.h"
#include "faults/message/let_go.h"

// Reading an answer, and holding it until it is complete.
namespace murphy::exchange {
namespace {

// How often the bytes of an answer are there while it is held: as they came, in parts, as the data
// of those, as a fault reads them and as it writes them.
constexpr uint64_t kCopies = 5;
// What is decoded before it is asked whether there is room for it.
constexpr size_t kStep = 4 << 10;

// Decodes a piece of an answer into `out`. False: it is no such coding, or there is no room.
bool Unpack(Life& life, dialect::Decoder& decoder, std::string_view piece, std::string& out) {
  for (; !piece.empty(); piece.remove_prefix(std::min(piece.size(), kStep))) {
    const size_t before = out.size();
    const std::string_view step = piece.substr(0, kStep);
    if (!decoder.Feed(step, out)) return false;
    const size_t grown = out.size() - before;
    // As many bytes as were read are counted already.
    if (grown > step.size() && !life.share.Grow(kCopies * (grown - step.size()))) return false;
  }
  return true;
}

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
    whole = Unpack(answer.life, *decoder,
                   std::string_view(answer.read).substr(begin, end - begin), decoded);
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

message::Document InOne(const Answer& answer, std::string_view coding, size_t limit, bool& whole) {
  message::Document document;
  const auto decoder = dialect::NewDecoder(coding, limit);
  std::string body;
  whole = decoder != nullptr && Unpack(answer.life, *decoder, answer.read, body) &&
          (answer.read.empty() || decoder->whole());
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
  answer.document = answer.framing == message::Framing::kWhole
                        ? InOne(answer, coding, limit, answer.held)
                        : InParts(answer, coding, limit, answer.held);
  if (!answer.held) {
    answer.document = {};
    co_return;
  }
  answer.before.Add(answer.read);
  message::LetGo(answer.read);
}

}  // namespace murphy::exchange
