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
// The same, until the origin has said whether it wants the body: with 100, or with a final head.
wire::Task<std::optional<wire::Failure>> ReceiveAnswerToExpectation(wire::Incoming& in,
                                                                    wire::UpstreamCall& call);

}  // namespace murphy::ways
