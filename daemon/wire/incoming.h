// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "daemon/wire/http1/body_framing.h"
#include "daemon/wire/downstream.h"
#include "daemon/wire/http1/head.h"
#include "daemon/wire/http1/forwarded.h"
#include "daemon/runs/runs.h"

namespace murphy::wire {

// A request that has reached the gateway and knows where it goes.
struct Incoming {
  explicit Incoming(Downstream& from) : down(from), share(from.worker.held) {}

  Downstream& down;
  RequestHead head;
  // Points into `head`.
  GatewayTarget target;
  std::shared_ptr<const runs::Route> route;
  // Null for a run that has ended.
  std::shared_ptr<runs::Run> run;
  Clock::time_point arrived;
  // Framing of the request's body, and how much of it stands in `down.input` after the head.
  BodyFraming framing;
  size_t buffered = 0;
  // What it takes of the memory that all bodies share.
  exchange::HeldShare share;
  // Bytes that an upload found after the body: the next request.
  std::string following;

  std::string_view body() const { return std::string_view(down.input).substr(head.size, buffered); }
  // Bytes behind those are here already.
  bool has_more() const { return down.input.size() > head.size + buffered; }
  bool wants_body() const { return head.method != "HEAD"; }
  // Nothing changes upstream when it arrives twice (RFC 9110 section 9.2.1).
  bool safe() const {
    return head.length == BodyLength::kNone &&
           (head.method == "GET" || head.method == "HEAD" || head.method == "OPTIONS");
  }
  // Base of the gateway's URLs for this route, as the agent reached it.
  std::string GatewayBase() const;
  // It is upstream, and its bytes are not read again.
  void DropRequest();
};

enum class Buffered { kComplete, kPartial, kBroken, kGone };

// Reads the request's body into `down.input` until it is complete, `limit` bytes of it are there, or
// there is no memory for more.
Task<Buffered> BufferBody(Incoming& in, size_t limit);

// Refuses the request and ends the connection: what follows on it cannot be trusted.
Task<void> Refuse(Downstream& down, int status, v1::Origin origin, std::string_view sentence);

// Reports a failure of an exchange whose answer has not begun. True when the connection can go on.
Task<bool> AnswerFailure(Incoming& in, int status, v1::Origin origin, std::string_view sentence);

}  // namespace murphy::wire
