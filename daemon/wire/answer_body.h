// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/wire/endpoint_event.h"
#include "daemon/wire/incoming.h"
#include "daemon/wire/upstream_call.h"

namespace murphy::wire {

// The body of an answer on its way to the agent: the bytes as they travel, framing included. Only a
// stream that begins with the `endpoint` event of the legacy MCP transport is framed anew.
class AnswerBody {
 public:
  AnswerBody(const Incoming& in, UpstreamCall& call);

  // Bytes have come with the head. Otherwise the head goes to the agent alone: the first byte of
  // the body may be long in coming.
  bool has_arrived() const { return !opening_ && call_.has_pending(); }
  // The next bytes for the agent; empty at the end, or after a failure of the call. `copy`, when
  // given, gets what the upstream sent inside the framing, up to `limit`.
  Task<std::string_view> Next(std::string* copy, size_t limit);

 private:
  bool MayBeLegacy(const Incoming& in) const;
  // What goes out for bytes of the opening, or of a stream that is framed anew.
  std::string Translate(std::string_view raw, std::string payload);

  UpstreamCall& call_;
  std::optional<EndpointEvent> first_;
  const bool chunked_;
  // The first event is not known yet.
  bool opening_;
  bool reframed_ = false;
  // Bytes of the opening as they travelled.
  std::string raw_;
  std::string out_;
};

}  // namespace murphy::wire
