// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "daemon/wire/incoming.h"
#include "daemon/wire/upstream_call.h"

namespace murphy::ways {

// Interim answers go to the agent as they come; the final head is left in the call.
// `continued`: the agent has been told to go on, and is not told again.
wire::Task<std::optional<wire::Failure>> ReceiveFinalHead(wire::Incoming& in,
                                                          wire::UpstreamCall& call,
                                                          bool continued = false);

}  // namespace murphy::ways
