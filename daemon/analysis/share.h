// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/statistics/proportion.h"
#include "murphy/v1/analysis_service.pb.h"

namespace murphy::analysis {

// Figures as the API has them.

v1::Share ShareOf(statistics::Count count);
v1::Estimate EstimateOf(double value, statistics::Interval interval);

// Runs that are good, of those that could be judged.
statistics::Count GoodRuns(const std::vector<const v1::Run*>& runs);

// Tokens of a run, in and out.
double TokensOf(const v1::Run& run);

// By linear interpolation; 0 of nothing.
double Quantile(std::vector<double> values, double share);

}  // namespace murphy::analysis
