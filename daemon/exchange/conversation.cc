// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/conversation.h"

#include "absl/hash/hash.h"
#include "daemon/dialect/dialects.h"
#include "daemon/dialect/form.h"
#include "daemon/exchange/answer.h"
#include "daemon/exchange/perform.h"
#include "daemon/exchange/request_leg.h"
#include "faults/message/let_go.h"

namespace murphy::exchange {
namespace {

// Nobody reads more of a body that says nothing about the call.
constexpr size_t kUnreadBody = 64 << 10;

// As much of the request as somebody may want to read.
size_t Wanted(const Subject& subject) {
  const std::string_view type = subject.request.headers.Find("content-type");
  for (const std::string_view unread : {"application/octet-stream", "multipart/", "image/",
                                        "audio/", "video/", "application/zip"}) {
    if (message::EqualsIgnoreCase(type.substr(0, unread.size()), unread))
      return std::min(kUnreadBody, subject.most_held);
  }
  return subject.most_held;
}

// A body that is not read whole is known again by how it begins.
size_t HashOfUnread(const message::Request& request, std::string_view bytes, size_t most) {
  const std::string_view begin = bytes.substr(0, most);
  const std::string length(request.headers.Find("content-length"));
  if (const auto form = dialect::FormAsMeant(request.headers.Find("content-type"), begin))
    return absl::HashOf(*form, length);
  return absl::HashOf(absl::string_view(begin.data(), begin.size()), length);
}

// Reads the request and says what it asks for. False: there is none, or the agent is gone.
Leg<bool> ReadRequest(Life& life) {
  message::Request& request = life.subject.request;
  const effect::ReadBody read{Wanted(life.subject)};
  const Event got = co_await life.Do(read);
  if (const auto* failed = std::get_if<event::Failed>(&got)) {
    const effect::Fail told{&failed->failure};
    co_await life.Do(told);
    co_return false;
  }
  const auto* body = std::get_if<event::Body>(&got);
  if (body == nullptr) co_return false;
  std::optional<std::string> decoded;
  if (body->complete && life.share.Grow(body->bytes.size())) {
    decoded = dialect::Decode(request.headers.Find("content-encoding"), body->bytes,
                              life.subject.most_held);
  }
  request.body_complete = decoded.has_value();
  if (!request.body_complete) request.unread = HashOfUnread(request, body->bytes, read.most);
  request.body = std::move(decoded).value_or("");
  life.dialect = &dialect::Recognise(request, life.subject.provider);
  life.call = life.dialect->Describe(request, life.subject.route);
  if (!request.body_complete) life.call.unclassified = true;
  co_return true;
}

}  // namespace

Conversation::Conversation(Subject subject) : life_(std::move(subject)), root_(Live(life_)) {
  root_.Start(life_.talk);
}

Leg<void> Conversation::Live(Life& life) {
  if (!co_await ReadRequest(life)) co_return;
  Begin(life);
  Outgoing outgoing;
  Next next = co_await RequestLeg(life, outgoing);
  if (next == Next::kGoOn) next = co_await Forward(life, outgoing);
  // Nobody reads it again.
  if (outgoing.copies.copies == 1) message::LetGo(life.subject.request.body);
  if (next == Next::kGoOn) co_await AnswerLeg(life);
  const bool copies = outgoing.copies.copies > outgoing.copies.answer;
  if (next == Next::kGoOn && copies) {
    co_await life.Do(effect::kBackground);
    co_await SendLateCopies(life, outgoing);
  }
  Finish(life);
}

}  // namespace murphy::exchange
