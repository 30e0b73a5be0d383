// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/wire/incoming.h"
#include "daemon/wire/upstream_call.h"

namespace murphy::wire {

// The rest of a request's body on its way up while the answer may already come down: large bodies,
// and those that wait for `100 Continue`.
class Upload {
 public:
  Upload(Incoming& in, UpstreamCall& call)
      : in_(in), call_(call), finished_signal_(in.down.worker.io.get_executor()) {}

  void Start();
  // Waits for the end; with `abort`, makes it end now. The call learns whether its request is whole.
  Task<void> Join(bool abort);
  // It need not be cut off.
  bool finished() const { return finished_; }
  // The framing of the body was wrong.
  bool broken() const { return in_.framing.broken(); }

 private:
  Task<void> Run();

  Incoming& in_;
  UpstreamCall& call_;
  Timer finished_signal_;
  bool started_ = false;
  bool finished_ = true;
};

}  // namespace murphy::wire
