// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/exchange/conversation.h"
#include "daemon/wire/answer_body.h"
#include "daemon/wire/incoming.h"
#include "daemon/wire/upload.h"
#include "daemon/wire/upstream_call.h"

namespace murphy::ways {

namespace effect = exchange::effect;
namespace event = exchange::event;
using exchange::Event;
using wire::Task;

// Performs the effects of one conversation over HTTP/1, one at a time.
class Http1Driver {
 public:
  explicit Http1Driver(wire::Incoming& in);

  // What came of it. Part of an answer that fits what is sent next is no cause to wait.
  std::optional<Event> PerformNow(const exchange::Effect& effect);
  Task<Event> Perform(const exchange::Effect& effect);

  // The agent has its answer; the conversation goes on without it.
  bool detached() const { return detached_; }
  // The request as it was sent up, for whoever sends it again.
  const std::string& sent_head() const { return sent_head_; }
  std::string_view sent_body() const { return sent_body_; }

  // The conversation is over: the upstream's connection is kept or closed, and so is the agent's.
  // True when that can serve the next request.
  Task<bool> Leave();

 private:
  Task<Event> Do(const effect::Hold& hold);
  Task<Event> Do(const effect::ReadBody& read);
  Task<Event> Do(const effect::Forward& forward);
  Task<Event> Do(const effect::Transmit& transmit);
  Task<Event> Do(const effect::NextHead&) { return ReceiveHead(); }
  Task<Event> Do(const effect::NextBytes&) { return ReceiveBytes(); }
  Task<Event> Do(const effect::SendHead& head);
  Task<Event> Do(const effect::SendPart& part);
  Task<Event> Do(const effect::Finish&) { return FinishAnswer(); }
  Task<Event> Do(const effect::Author& author);
  Task<Event> Do(const effect::Fail& fail);
  Task<Event> Do(const effect::Break& broken);
  Task<Event> Do(const effect::Background&) { return Detach(); }

  // GCC 12 mixes up the arguments of a coroutine that has one without a name.
  Task<Event> ReceiveHead();
  Task<Event> ReceiveBytes();
  Task<Event> FinishAnswer();
  Task<Event> Detach();
  // The upstream is asked whether it wants the body, before anybody reads it (RFC 9110
  // section 10.1.1). Otherwise the agent is told to go on at once: a fault may need the body first.
  bool AsksFirst() const;
  Task<void> AskFirst();
  // What is left to do of it, once the body has been read. Nullopt: nothing was asked.
  Task<std::optional<Event>> SendAfterAsking();

  Task<Event> Answer(const message::Response& response);
  Event FailureOf(wire::Failure failure);
  void PutPart(std::string_view bytes);
  std::string RequestHeadFor(const exchange::RequestEdits& edits) const;

  wire::Incoming& in_;
  wire::Downstream& down_;
  wire::UpstreamCall call_;
  wire::Upload upload_;
  std::optional<wire::AnswerBody> body_;
  // The body of the request inside its framing, where that differs from what travels.
  std::string request_payload_;
  std::string payload_;
  std::string sent_head_;
  std::string_view sent_body_;
  exchange::Framed framed_ = exchange::Framed::kAsReceived;
  bool chunked_ = false;
  // The answer is complete, or the connection has ended.
  bool finished_ = false;
  bool until_close_ = false;
  // The agent has been told to send the body; or the upstream was asked first, and how it took that.
  bool continued_ = false;
  bool asked_ = false;
  bool again_ = false;
  bool answered_early_ = false;
  std::optional<wire::Failure> ask_failed_;
  bool detached_ = false;
};

}  // namespace murphy::ways
