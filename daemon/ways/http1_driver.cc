// SPDX-License-Identifier: Apache-2.0
#include "daemon/ways/http1_driver.h"

#include "daemon/dialect/dialects.h"
#include "daemon/engine/address.h"
#include "daemon/ways/interim.h"
#include "daemon/ways/transmit.h"
#include "daemon/wire/http1/author.h"
#include "daemon/wire/interjection.h"
#include "faults/message/let_go.h"

namespace murphy::ways {
namespace {

using exchange::Framed;
using wire::BodyLength;

// Parts of an answer are collected up to here, and go out together.
constexpr size_t kMostUnsent = 16 << 10;
// A body that takes this long to come may be awaited by nobody any more.
constexpr absl::Duration kLong = absl::Milliseconds(10);

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// GCC 12 loses its way in a coroutine where an aggregate in braces is returned beside an await in a
// condition, so both have names here.
Event Performed() { return event::Done{}; }
Event Gone() { return event::AgentLeft{}; }
Event Ended() { return event::End{}; }
Event Waited() { return event::Elapsed{}; }
Event BrokenRequest() {
  return event::Failed{
      {400, v1::ORIGIN_DOWNSTREAM, "The chunked coding of the request is broken."}};
}

wire::Clock::time_point TimeOf(const runs::Run& run, absl::Duration until) {
  if (until == absl::InfiniteDuration()) return wire::Clock::time_point::max();
  return wire::Clock::now() + absl::ToChronoNanoseconds(until - run.now().run);
}

}  // namespace

Http1Driver::Http1Driver(wire::Incoming& in)
    : in_(in), down_(in.down), call_(in.down, *in.route), upload_(in, call_) {}

std::optional<Event> Http1Driver::PerformNow(const exchange::Effect& effect) {
  const auto* part = std::get_if<effect::SendPart>(&effect);
  if (part == nullptr || down_.unsent() + part->bytes.size() > kMostUnsent) return std::nullopt;
  PutPart(part->bytes);
  return event::Done{};
}

Task<Event> Http1Driver::Perform(const exchange::Effect& effect) {
  return std::visit([this](const auto& each) { return Do(each); }, effect);
}

Event Http1Driver::FailureOf(wire::Failure failure) {
  if (failure.status == 0) return event::AgentLeft{};
  if (in_.framing.broken()) {
    return BrokenRequest();
  }
  down_.ClearExpired();
  return event::Failed{std::move(failure)};
}

Task<Event> Http1Driver::Do(const effect::Hold& hold) {
  const bool there = co_await down_.Flush();
  if (!there) co_return Gone();
  wire::Holding holding(down_.worker.io.get_executor(), {*in_.run, hold.leash, hold.gate});
  co_await down_.Hold(holding, TimeOf(*in_.run, hold.until));
  if (down_.agent_left()) co_return Gone();
  if (holding.released().has_value()) co_return event::Released{*holding.released()};
  co_return Waited();
}

Task<Event> Http1Driver::Do(const effect::ReadBody& read) {
  if (AsksFirst()) {
    co_await AskFirst();
    // Whatever follows is for the agent to see, and no body will come.
    const event::Body none{{}, false};
    if (ask_failed_.has_value() || answered_early_) co_return none;
  } else if (in_.head.expects_continue && in_.head.minor_version == 1) {
    continued_ = true;
    const bool told = co_await down_.Write(kContinue);
    if (!told) co_return Gone();
  }
  const wire::Buffered buffered = co_await wire::BufferBody(in_, read.most);
  if (buffered == wire::Buffered::kBroken) {
    co_return BrokenRequest();
  }
  if (buffered == wire::Buffered::kGone) co_return Gone();
  std::string_view payload = in_.body();
  if (in_.head.length == BodyLength::kChunked) {
    request_payload_.clear();
    wire::BodyFraming(in_.head.length, 0).Consume(in_.body(), &request_payload_, SIZE_MAX);
    payload = request_payload_;
  }
  const event::Body body{payload, buffered == wire::Buffered::kComplete};
  co_return body;
}

std::string Http1Driver::RequestHeadFor(const exchange::RequestEdits& edits) const {
  wire::RequestChanges changes{
      .edits = &edits.head, .identity = edits.identity, .drop_expect = continued_};
  if (edits.body.has_value()) changes.length = edits.body->size();
  return wire::ForwardedRequest(in_.head, *in_.route, in_.target, changes);
}

bool Http1Driver::AsksFirst() const {
  if (!in_.head.expects_continue || in_.head.minor_version != 1) return false;
  message::Request request{
      .method = in_.head.method,
      .path = in_.route->prefix + std::string(in_.target.rest.substr(0, in_.target.rest.find('?'))),
      .prefix = in_.route->prefix.size(),
      .headers = in_.head.headers,
      .body_complete = false};
  const message::Dialect& dialect = dialect::Recognise(request, in_.route->provider);
  // Which model is called stands in the body.
  if (dialect.name() != "http") return false;
  const message::Call call = dialect.Describe(request, in_.route->name);
  const std::string agent = engine::AgentOf(request);
  return !in_.run->MayAct({.call = call,
                           .route = in_.route->name,
                           .agent = agent,
                           .method = request.method,
                           .path = request.path});
}

Task<void> Http1Driver::AskFirst() {
  asked_ = true;
  const exchange::RequestEdits none;
  sent_head_ = RequestHeadFor(none);
  ask_failed_ = co_await call_.Send(sent_head_, {}, false);
  // Whoever sends the body at once has not waited for an answer.
  if (ask_failed_.has_value() || in_.has_more()) co_return;
  wire::Interjection interjection(down_, call_);
  interjection.Start();
  const std::optional<wire::Failure> failed =
      co_await ReceiveAnswerToExpectation(in_, call_);
  co_await interjection.Join();
  answered_early_ = !failed.has_value() && call_.head().status >= 200;
  if (!interjection.came()) ask_failed_ = failed;
}

Task<std::optional<Event>> Http1Driver::SendAfterAsking() {
  std::optional<Event> came;
  if (!asked_) co_return came;
  came = Performed();
  if (ask_failed_.has_value()) {
    came = FailureOf(*ask_failed_);
    co_return came;
  }
  if (answered_early_) co_return came;
  const bool sent = co_await call_.SendMore(in_.body());
  if (!sent) co_return came;
  if (in_.framing.done()) {
    call_.set_request_whole();
  } else {
    upload_.Start();
  }
  co_return came;
}

Task<Event> Http1Driver::Do(const effect::Forward& forward) {
  std::optional<Event> after = co_await SendAfterAsking();
  if (after.has_value()) co_return *std::move(after);
  message::LetGo(request_payload_);
  again_ = forward.again;
  const exchange::RequestEdits& edits = *forward.edits;
  sent_head_ = RequestHeadFor(edits);
  sent_body_ = edits.body.has_value() ? std::string_view(*edits.body) : in_.body();
  if (in_.framing.done()) call_.set_request_whole();
  if (auto failed = co_await call_.Send(sent_head_, sent_body_, in_.safe()))
    co_return FailureOf(std::move(*failed));
  if (!in_.framing.done()) upload_.Start();
  co_return Performed();
}

Task<Event> Http1Driver::Do(const effect::Transmit& transmit) {
  const std::string head = RequestHeadFor(*transmit.edits);
  const auto& edited = transmit.edits->body;
  const std::string_view body = edited.has_value() ? std::string_view(*edited) : in_.body();
  const Copy copy{.run = *in_.run,
                  .route = *in_.route,
                  .head = head,
                  .body = body,
                  .bodiless = !in_.wants_body(),
                  .leash = transmit.leash};
  co_return co_await Transmit(down_, copy);
}

Task<Event> Http1Driver::ReceiveHead() {
  const absl::Duration asked = in_.run->now().run;
  std::optional<wire::Failure> failed;
  if (!answered_early_) failed = co_await ReceiveFinalHead(in_, call_, continued_);
  if (failed.has_value()) {
    co_await upload_.Join(true);
    co_return FailureOf(std::move(*failed));
  }
  if (!again_ && !call_.arrived_whole()) in_.DropRequest();
  const bool waited = in_.run->now().run - asked > kLong;
  if (waited && down_.LooksGone()) co_return Gone();
  const wire::ResponseHead& head = call_.head();
  const bool stream = message::FramingOf(head.headers.Find("content-type")) ==
                      message::Framing::kSse;
  if (stream && in_.head.method == "GET") call_.AllowSilence();
  body_.emplace(in_, call_);
  event::Head received;
  received.head = {head.status, head.reason, head.headers};
  received.has_body = head.length != BodyLength::kNone;
  co_return std::move(received);
}

Task<Event> Http1Driver::ReceiveBytes() {
  if (call_.answer_whole()) co_return Ended();
  if (!body_->has_arrived()) {
    const bool there = co_await down_.Flush();
    if (!there) co_return Gone();
  }
  payload_.clear();
  const bool coded = call_.head().length == BodyLength::kChunked;
  std::string* const payload = coded ? &payload_ : nullptr;
  const std::string_view travelled = co_await body_->Next(payload, SIZE_MAX);
  // What came before a failure is passed on first: the next call meets it again.
  if (!travelled.empty() || !payload_.empty()) {
    const event::Bytes bytes{coded ? std::string_view(payload_) : travelled, travelled,
                             call_.framing().done()};
    co_return bytes;
  }
  if (call_.failure().has_value()) co_return FailureOf(*call_.failure());
  co_return Ended();
}

Task<Event> Http1Driver::Do(const effect::SendHead& head) {
  const exchange::AnswerEdits& edits = *head.edits;
  wire::AnswerChanges changes{.edits = &edits.head, .decoded = edits.decoded};
  if (call_.head().headers.Has("location")) changes.gateway_base = in_.GatewayBase();
  framed_ = edits.framed;
  const BodyLength given = call_.head().length;
  until_close_ = given == BodyLength::kUntilClose;
  switch (framed_) {
    case Framed::kAsReceived:
      break;
    case Framed::kAgain:
      chunked_ = given == BodyLength::kChunked;
      break;
    case Framed::kLength:
      changes.reframed = true;
      changes.framing_line = "Content-Length: " + std::to_string(edits.length) + "\r\n";
      until_close_ = false;
      break;
    case Framed::kOpen:
      changes.reframed = true;
      chunked_ = in_.head.minor_version == 1;
      if (chunked_) changes.framing_line = "Transfer-Encoding: chunked\r\n";
      until_close_ = !chunked_;
      break;
  }
  down_.Put(wire::ForwardedResponse(call_.head(), *in_.route, changes));
  if (!call_.arrived_whole()) down_.BeginAnswer();
  co_return Performed();
}

void Http1Driver::PutPart(std::string_view bytes) {
  if (framed_ == Framed::kLength && !in_.wants_body()) return;
  chunked_ ? down_.Put(wire::FormatChunk(bytes)) : down_.Put(bytes);
}

Task<Event> Http1Driver::Do(const effect::SendPart& part) {
  PutPart(part.bytes);
  const bool there = co_await down_.Flush();
  if (!there) co_return Gone();
  co_return Performed();
}

Task<Event> Http1Driver::FinishAnswer() {
  if (chunked_) down_.Put(wire::kLastChunk);
  const bool there = co_await down_.Flush();
  if (!there) co_return Gone();
  finished_ = true;
  co_return Performed();
}

Task<Event> Http1Driver::Answer(const message::Response& response) {
  // With part of the request unread, the next request cannot be found on this connection.
  const bool goes_on = in_.framing.done() && in_.head.keep_alive;
  const std::string bytes = wire::Author(response, in_.wants_body(), !goes_on);
  const bool written = co_await down_.Write(bytes);
  if (!written) co_return Gone();
  finished_ = true;
  until_close_ = false;
  co_return Performed();
}

Task<Event> Http1Driver::Do(const effect::Author& author) { return Answer(*author.response); }

Task<Event> Http1Driver::Do(const effect::Fail& fail) {
  const exchange::Failure& failure = *fail.failure;
  const message::Response response =
      fail.response != nullptr
          ? *fail.response
          : wire::OwnFailure(failure.status, failure.origin, failure.sentence);
  co_return co_await Answer(response);
}

Task<Event> Http1Driver::Do(const effect::Break& broken) {
  co_await down_.Flush();
  broken.how == effect::Break::How::kReset ? down_.Reset() : down_.Close();
  co_return Performed();
}

Task<Event> Http1Driver::Detach() {
  detached_ = true;
  co_return Performed();
}

Task<bool> Http1Driver::Leave() {
  co_await upload_.Join(true);
  call_.Complete();
  if (!finished_ || down_.agent_left()) {
    down_.Close();
    co_return false;
  }
  const bool goes_on = in_.head.keep_alive && !until_close_ && in_.framing.done();
  if (!goes_on) co_await down_.CloseGently();
  co_return goes_on;
}

}  // namespace murphy::ways
