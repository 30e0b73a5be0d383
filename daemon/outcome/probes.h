// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/outcome/classify.h"

namespace murphy::outcome {

// What a scenario's probes found, as it was reported with the run.

// Where a probe counts the effects on a target (`settles`) and no checker did, its count is that of
// the report: what it found after the run, less what it found before. An answer that is no number
// settles nothing.
void SettleByProbes(Evidence& evidence);

// Of probes that say what the answer is to be: one result each, over all times that it was asked. A
// probe that did not answer, or was not asked, is never held and never the agent's failure.
std::vector<v1::ExpectResult> JudgeProbes(const Evidence& evidence);

}  // namespace murphy::outcome
