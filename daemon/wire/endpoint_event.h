// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "daemon/runs/route.h"

namespace murphy::wire {

// The first event of a stream, in case it is the `endpoint` of the legacy MCP transport (revision
// 2024-11-05): that is a path on the upstream, and must lead through the gateway. Holds bytes only
// while they could still be such an event.
class EndpointEvent {
 public:
  EndpointEvent(const runs::Route& route, std::string gateway_base)
      : route_(route), gateway_base_(std::move(gateway_base)) {}

  // Takes bytes of the stream; returns what can be passed on.
  std::string Feed(std::string bytes);
  // The first event is known; nothing is held any more.
  bool decided() const { return decided_; }
  // It was the `endpoint`, and is led elsewhere.
  bool rewritten() const { return rewritten_; }

 private:
  const runs::Route& route_;
  std::string gateway_base_;
  std::string held_;
  bool decided_ = false;
  bool rewritten_ = false;
};

}  // namespace murphy::wire
