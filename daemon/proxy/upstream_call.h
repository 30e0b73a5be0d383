// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/proxy/body_framing.h"
#include "daemon/proxy/downstream.h"
#include "daemon/proxy/head.h"
#include "murphy/v1/exchange.pb.h"

namespace murphy::proxy {

// Why an exchange failed without a fault of ours.
struct Failure {
  // What the agent gets while it has seen nothing: 502 or 504. 0: the agent itself has left.
  int status = 502;
  v1::Origin origin = v1::ORIGIN_UPSTREAM;
  // A sentence.
  std::string sentence;
};

// One request to an upstream and its answer, on a pooled or new connection. While it waits, the
// agent's leaving and its deadline cancel it.
class UpstreamCall {
 public:
  // `outlives_agent`: goes on when the agent leaves.
  UpstreamCall(Downstream& down, const runs::Route& route, bool outlives_agent = false)
      : down_(down), route_(route), watch_(!outlives_agent) {}
  ~UpstreamCall();

  // Sends a head with the beginning (or all) of its body. `repeatable`: nothing happens upstream if
  // it arrives twice, so that a pooled connection that turns out to be dead is replaced.
  Task<std::optional<Failure>> Send(std::string_view head, std::string_view body, bool repeatable);
  // More of the request's body.
  Task<bool> SendMore(std::string_view bytes);

  // The next head, interim ones (1xx) included. `has_body` is false for HEAD.
  Task<std::optional<Failure>> ReceiveHead(bool has_body);
  const ResponseHead& head() const { return head_; }

  // The next bytes of the body as they travel; empty at its end (or after a failure, which is then
  // set). Valid until the next call. `payload`, when given, gets what is inside the framing, up to
  // `limit`.
  Task<std::string_view> ReceiveBody(std::string* payload, size_t limit);
  const std::optional<Failure>& failure() const { return failure_; }
  // Bytes of the body have come with the head.
  bool has_pending() const { return !pending_.empty(); }
  const BodyFraming& framing() const { return framing_; }

  // An upload goes on beside the answer: until it ends, the connection is closed but stays.
  void set_uploading(bool uploading) { uploading_ = uploading; }
  // The answer has been read to its end: the connection can serve again, unless part of the
  // request has not been sent.
  void Complete();
  // Ends the connection.
  void Abandon();
  Upstream* upstream() { return upstream_.get(); }

 private:
  Task<std::optional<Failure>> Open(bool allow_reuse);
  Task<bool> WriteAll(std::string_view first, std::string_view second);
  Task<size_t> ReadSome();
  Failure WhyStopped(const std::string& sentence) const;

  Downstream& down_;
  const runs::Route& route_;
  const bool watch_;
  std::unique_ptr<Upstream> upstream_;
  std::unique_ptr<Block> block_;
  // Bytes of the head and what came with them; used up before more is read.
  std::string received_;
  size_t consumed_ = 0;
  std::string_view pending_;
  ResponseHead head_;
  BodyFraming framing_;
  std::optional<Failure> failure_;
  error_code last_error_;
  // Sent again on a new connection when the pooled one was dead.
  std::string_view sent_head_;
  std::string_view sent_body_;
  bool repeatable_ = false;
  bool uploading_ = false;
};

}  // namespace murphy::proxy
