// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/answer_body.h"

#include "daemon/dialect/decoder.h"
#include "faults/message/framing.h"

namespace murphy::wire {

AnswerBody::AnswerBody(const Incoming& in, UpstreamCall& call)
    : call_(call), chunked_(call.head().length == BodyLength::kChunked), opening_(MayBeLegacy(in)) {
  if (opening_) first_.emplace(*in.route, in.GatewayBase());
}

bool AnswerBody::MayBeLegacy(const Incoming& in) const {
  const ResponseHead& head = call_.head();
  if (in.head.method != "GET" || head.length == BodyLength::kNone || head.length == BodyLength::kStated)
    return false;
  return message::FramingOf(head.headers.Find("content-type")) == message::Framing::kSse &&
         !dialect::IsCoded(head.headers.Find("content-encoding"));
}

std::string AnswerBody::Translate(std::string_view raw, std::string payload) {
  const bool over = raw.empty() || call_.framing().done() || call_.failure().has_value();
  if (opening_) {
    raw_.append(raw);
    payload = first_->Feed(std::move(payload));
    if (!first_->decided() && !over) return {};
    opening_ = false;
    reframed_ = first_->rewritten();
    if (!reframed_) return std::move(raw_);
  }
  std::string out = chunked_ ? FormatChunk(payload) : std::move(payload);
  if (chunked_ && call_.framing().done()) out.append(kLastChunk);
  return out;
}

Task<std::string_view> AnswerBody::Next(std::string* copy, size_t limit) {
  if (!opening_ && !reframed_) co_return co_await call_.ReceiveBody(copy, limit);
  while (true) {
    std::string payload;
    const std::string_view raw = co_await call_.ReceiveBody(&payload, SIZE_MAX);
    if (copy != nullptr && copy->size() < limit)
      copy->append(std::string_view(payload).substr(0, limit - copy->size()));
    out_ = Translate(raw, std::move(payload));
    const bool over = raw.empty() || call_.framing().done() || call_.failure().has_value();
    if (!out_.empty() || over) co_return out_;
  }
}

}  // namespace murphy::wire
