// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "murphy/v1/analysis_service.pb.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::analysis {

// Each expectation over the treatment runs, in the order in which they are first named; those whose
// rate of violations is above `p0` are found together.
std::vector<v1::ExpectFigures> Expectations(const std::vector<const v1::Run*>& runs, double p0);

// The tolerated rate of violations of a scenario.
double ToleratedRate(const v1::Scenario& scenario);

}  // namespace murphy::analysis
