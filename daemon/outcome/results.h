// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "murphy/v1/exchange.pb.h"

namespace murphy::outcome {

// The answers that an expectation has, with their evidence.

v1::ExpectResult Held(std::string evidence);
v1::ExpectResult Violated(std::string evidence);
// It held, and nothing that it speaks of happened.
v1::ExpectResult Idle(std::string evidence);
// What happened is not known.
v1::ExpectResult Unjudged(std::string evidence);

}  // namespace murphy::outcome
