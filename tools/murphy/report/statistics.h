// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "murphy/v1/analysis_service.pb.h"
#include "tools/murphy/render/columns.h"

namespace murphy::cli {

// A line for each figure of an experiment that there is something to say of.
Columns StatisticsTable(const v1::Statistics& statistics);

// What changed from one experiment to another: what the runs support first.
Columns ChangesTable(const v1::CompareExperimentsResponse& comparison);

// Something is worse, and the runs support it.
bool HasRegression(const v1::CompareExperimentsResponse& comparison);

}  // namespace murphy::cli
