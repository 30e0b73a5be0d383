// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "faults/message/dialect.h"

namespace murphy::engine {

// SHA-256, in hex, of the idempotency key that a request carries at `place` (`header:NAME` or
// `json:POINTER`; the pointer leads into the arguments of a tool call, or else into the body).
// Empty when there is none.
std::string IdempotencyDigest(std::string_view place, const message::Request& request,
                              const message::Call& call);

}  // namespace murphy::engine
