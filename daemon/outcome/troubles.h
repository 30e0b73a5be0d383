// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daemon/outcome/history.h"

namespace murphy::outcome {

// Calls that failed without Murphy, and were never served: one entry for each reason. That an agent
// did not wait for an answer may be the upstream's fault, or what the agent wanted: only an agent
// that ended badly tells.
std::vector<v1::Trouble> Troubles(const History& history, bool agent_ended_badly);

// `3 calls failed without Murphy: openai could not be resolved`.
std::string Told(const std::vector<v1::Trouble>& troubles);

// They may be why the run ended as it did: the first of them stood before anything that Murphy
// broke for good.
bool MayExplain(const History& history, const std::vector<v1::Trouble>& troubles);

}  // namespace murphy::outcome
