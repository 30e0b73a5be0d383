// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/exchange/effect.h"
#include "daemon/wire/vigil.h"
#include "daemon/wire/http1/body_framing.h"
#include "daemon/wire/http1/head.h"
#include "daemon/wire/upstream.h"

namespace murphy::wire {

using exchange::Failure;

// One request to an upstream and its answer, on a pooled or new connection. While it waits, the
// agent's leaving and its deadline cancel it.
class UpstreamCall final : public Cancellable {
 public:
  // `outlives_agent`: goes on when the agent leaves.
  UpstreamCall(Vigil& vigil, const runs::Route& route, bool outlives_agent = false)
      : vigil_(vigil),
        route_(route),
        proxy_(vigil.worker.proxies.For(route)),
        watch_(!outlives_agent) {}
  ~UpstreamCall() override;

  // Sends a head with the beginning (or all) of its body. `repeatable`: nothing happens upstream if
  // it arrives twice, so that a pooled connection that turns out to be dead is replaced. The views
  // stay good until the head of the answer has arrived.
  Task<std::optional<Failure>> Send(std::string_view head, std::string_view body, bool repeatable);
  // More of the request's body.
  Task<bool> SendMore(std::string_view bytes);
  // The kernel has taken everything that was to be sent so far.
  bool sent() const { return sent_; }
  // Nothing of the request is missing upstream.
  void set_request_whole() { request_whole_ = true; }

  // The next head, interim ones (1xx) included. `has_body` is false for HEAD.
  Task<std::optional<Failure>> ReceiveHead(bool has_body);
  const ResponseHead& head() const { return head_; }

  // The next bytes of the body as they travel; empty at its end (or after a failure, which is then
  // set). Valid until the worker reads again. `payload`, when given, gets what is inside the
  // framing, up to `limit`.
  Task<std::string_view> ReceiveBody(std::string* payload, size_t limit);
  const std::optional<Failure>& failure() const { return failure_; }
  // The answer may be silent for as long as it likes: a stream of notifications.
  void AllowSilence() { patient_ = true; }
  // Bytes of the body have come with the head, or are there.
  bool has_pending() const { return !pending_.empty(); }
  const BodyFraming& framing() const { return framing_; }
  // Its rest is here already.
  bool arrived_whole() const {
    return framing_.done() ||
           (head_.length == BodyLength::kStated && pending_.size() >= head_.content_length);
  }
  // The whole answer has arrived.
  bool answer_whole() const {
    return framing_.done() || (closed_ && head_.length == BodyLength::kUntilClose);
  }

  // The exchange is over: the connection goes back to the pool if both its sides are whole and
  // nobody wants it closed, and is closed otherwise.
  void Complete();
  // Ends the connection.
  void Abandon();
  // Ends what is being waited for.
  void Cancel() override;
  // Ends the wait for a head, which then fails; and lets it be waited for once more, with what has
  // arrived of it.
  void StopWaiting();
  void WaitAgain() { stopped_ = false; }

 private:
  Task<std::optional<Failure>> Open(bool allow_reuse);
  Task<bool> WriteAll(std::string_view first, std::string_view second);
  Task<std::string_view> ReadSome();
  Task<bool> ReadHeadBytes();
  Failure WhyStopped(const std::string& sentence) const;
  bool MayRepeat() const;
  // Begins a sentence.
  std::string TheUpstream() const;

  Vigil& vigil_;
  const runs::Route& route_;
  // On the way to it; null for none.
  const Proxy* const proxy_;
  const bool watch_;
  std::unique_ptr<Upstream> upstream_;
  // TLS decodes whole records.
  std::unique_ptr<Block> block_;
  // There was more than what was read.
  bool flowing_ = false;
  // Bytes of the head and what came with them; used up before more is read.
  std::string received_;
  size_t consumed_ = 0;
  std::string_view pending_;
  ResponseHead head_;
  BodyFraming framing_;
  std::optional<Failure> failure_;
  error_code last_error_;
  bool closed_ = false;
  // The head of the final answer is complete.
  bool answered_ = false;
  bool stopped_ = false;
  // Sent again on a new connection when the pooled one was dead.
  std::string_view sent_head_;
  // The head as the proxy wants it.
  std::string proxied_head_;
  std::string_view sent_body_;
  bool repeatable_ = false;
  bool request_whole_ = false;
  bool patient_ = false;
  bool sent_ = false;
};

}  // namespace murphy::wire
