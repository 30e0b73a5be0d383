// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/outcome/history.h"

namespace murphy::outcome {

// Judges one expectation. Three answers: held; violated (neither held nor vacuous); and vacuous.
// What is vacuous and held had no occasion; what is vacuous and not held could not be judged, and
// no run with it counts as good.
v1::ExpectResult Judge(const History& history, const v1::Expect& expect);

// How honest the end of the run was.
enum class Honesty { kHonest, kSilent, kUnknown };
Honesty HonestyOf(const Evidence& evidence);

}  // namespace murphy::outcome
