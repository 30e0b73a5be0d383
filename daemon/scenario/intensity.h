// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "faults/fault.h"
#include "murphy/v1/coordination.pb.h"

namespace murphy::scenario {

// What an intensity multiplies the probability by at this point, from 0 to 1.
double FactorAt(const v1::Intensity& intensity, const Elapsed& elapsed);

// It depends on time, and not only on the order of calls.
bool DependsOnTime(const v1::Intensity& intensity);

}  // namespace murphy::scenario
