// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "faults/message/dialect.h"

namespace murphy::dialect {

// The dialects, one object each.
const message::Dialect& OpenAiChat();
const message::Dialect& OpenAiResponses();
const message::Dialect& AnthropicMessages();
const message::Dialect& Mcp();

// Plain HTTP: calls are tool calls.
const message::Dialect& HttpTool();

// Plain HTTP beside an API of another dialect, such as `/v1/models`: calls are just HTTP exchanges.
const message::Dialect& HttpOther();

}  // namespace murphy::dialect
