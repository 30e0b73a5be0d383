// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "boost/json/value.hpp"

namespace murphy::dialect {

// Tokens of a model request, estimated from its lengths by factors that were fitted to recorded
// traffic; about 15 % off.
uint64_t EstimateOpenAiTokens(const boost::json::value& body);
uint64_t EstimateAnthropicTokens(const boost::json::value& body);

}  // namespace murphy::dialect
