// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "faults/message/dialect.h"
#include "murphy/v1/exchange.pb.h"

namespace murphy::dialect {

// A failure that no fault made, so that SDKs print the sentence: the protocol's own error with the
// sentence in it, this status, and whose failure it is. Plain HTTP has it as text.
message::Response OwnFailure(const message::Dialect& dialect, const message::Call& call, int status,
                             v1::Origin origin, std::string_view sentence);

}  // namespace murphy::dialect
