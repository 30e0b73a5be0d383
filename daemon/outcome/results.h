// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "murphy/v1/exchange.pb.h"

namespace murphy::outcome {

// The answers that an expectation has, with their evidence.

v1::ExpectResult Held(std::string evidence);
v1::ExpectResult Violated(std::string evidence);
// It held, and nothing that it speaks of happened.
v1::ExpectResult Idle(std::string evidence);
// What happened is not known; and what would settle it, as the beginning of a sentence that ends
// with "would settle it".
v1::ExpectResult Unjudged(std::string evidence, std::string would_settle = "");

// The same result with the exchanges that show it, by sequence number; the first few.
v1::ExpectResult Shown(v1::ExpectResult result, const std::vector<uint64_t>& exchanges);

bool IsViolated(const v1::ExpectResult& result);
bool IsUnjudged(const v1::ExpectResult& result);

// Why a result is not good: `bounded_retries = { at_most = 3 }: …`.
std::string Told(const v1::ExpectResult& result);

}  // namespace murphy::outcome
