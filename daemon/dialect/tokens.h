// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "faults/message/json_tree.h"

namespace murphy::dialect {

// Tokens of a model request, estimated from its lengths by factors that were fitted to recorded
// traffic; about 15 % off.
uint64_t EstimateOpenAiTokens(message::JsonValue body);
uint64_t EstimateAnthropicTokens(message::JsonValue body);

}  // namespace murphy::dialect
