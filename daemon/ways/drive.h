// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/wire/incoming.h"

namespace murphy::ways {

// Drives the conversation of one exchange over HTTP/1: does what it asks for, and tells it what came
// of it. True when the agent's connection can serve the next request.
wire::Task<bool> Drive(wire::Incoming& in);

}  // namespace murphy::ways
