// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/wire/downstream.h"
#include "daemon/wire/upstream_call.h"

namespace murphy::wire {

// While a head of the upstream's is awaited before the request's body has come: whoever announced
// that body with `Expect` need not wait for an answer to it (RFC 9110 section 10.1.1), so that what
// the agent says meanwhile ends the wait.
class Interjection {
 public:
  Interjection(Downstream& down, UpstreamCall& call)
      : down_(down), call_(call), finished_signal_(down.worker.io.get_executor()) {}

  void Start();
  // Ends the watch; the call can be waited for again.
  Task<void> Join();
  // The agent said something, or left.
  bool came() const { return came_; }

 private:
  Task<void> Watch();

  Downstream& down_;
  UpstreamCall& call_;
  Timer finished_signal_;
  bool came_ = false;
  bool finished_ = true;
};

}  // namespace murphy::wire
