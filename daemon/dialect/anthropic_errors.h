// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "faults/message/dialect.h"

namespace murphy::dialect {

// The HTTP answer by which Anthropic states an error.
message::Response AnthropicResponse(const message::ErrorSpec& error, const message::Call& call,
                                    const Draw& draw);

// The same error as the data of an `error` event.
std::string AnthropicErrorData(const message::ErrorSpec& error, const message::Call& call,
                               const Draw& draw);

}  // namespace murphy::dialect
