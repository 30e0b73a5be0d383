// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/outcome/history.h"

namespace murphy::outcome {

// What the scenario does not say, and may matter: calls without a declared role that ran more than
// once with the same arguments because of an injection.
std::vector<v1::Hint> Hints(const History& history);

}  // namespace murphy::outcome
