// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/wire/incoming.h"

namespace murphy::ways {

// What became of an exchange that nobody reads.
struct PassedThrough {
  // The connection can serve the next request.
  bool keep_alive = false;
  // What the agent saw; 0 for nothing.
  int status = 0;
  // What the upstream said; 0 for nothing.
  int upstream_status = 0;
  // Whose failure, and which; empty for none.
  v1::Origin origin = v1::ORIGIN_UPSTREAM;
  std::string failure;
};

// Passes an exchange on, bytes as they come: only the request's head is looked at. The path of
// everything while nothing is armed.
wire::Task<PassedThrough> PassThrough(wire::Incoming& in);

}  // namespace murphy::ways
