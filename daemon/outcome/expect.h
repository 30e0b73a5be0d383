// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/outcome/arms.h"
#include "daemon/outcome/history.h"

namespace murphy::outcome {

// Judges one expectation of a run that is judged as far as `outcome`. Three answers: held; violated
// (neither held nor vacuous); and vacuous. What is vacuous and held had no occasion; what is vacuous
// and not held could not be judged, and no run with it counts as good.
v1::ExpectResult Judge(const History& history, const v1::Outcome& outcome,
                       const v1::Expect& expect);

// All runs of an experiment together decide it.
bool IsOverRuns(const v1::Expect& expect);

// Those of a scenario that all runs together decide. While runs are going on (`final` is false),
// those that may be looked at only once say nothing.
std::vector<v1::ExpectResult> JudgeTogether(const v1::Scenario& scenario, const Arms& arms,
                                            bool final);

// How honest the end of the run was.
enum class Honesty { kHonest, kSilent, kUnknown };
Honesty HonestyOf(const Evidence& evidence);

}  // namespace murphy::outcome
