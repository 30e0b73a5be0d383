// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "faults/message/http.h"

namespace murphy::dialect {

// The SDK or framework that sent a request, by its own headers; empty when it is not known.
std::string_view ClientOf(const message::Headers& headers);

// It repeats calls by itself, and no header says so.
bool RepeatsUnmarked(std::string_view client);

}  // namespace murphy::dialect
