// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "murphy/v1/experiment_service.pb.h"
#include "tools/murphy/experiment.h"
#include "tools/murphy/report/matrix.h"

namespace murphy::cli {

struct MatrixResult {
  MatrixReport report;
  // As that of one experiment.
  int child_exit_code = 0;
};

// What is said of one cell: how the file wants it to be run, with the cell's own values.
using SettleCell = std::function<ExperimentOptions(const v1::ScenarioSource& source,
                                                   const v1::Cell& cell)>;

// Runs an experiment for each cell, one after the other, after all of them have been checked.
// `ended` is told of each. An interrupt ends the cell that is being run, and no other is begun.
// Throws Failure; where some cells are done, after `ended` knows them.
MatrixResult RunMatrix(const Console& console, const Daemon& daemon, Signals& signals,
                       const v1::ScenarioSource& source, const v1::ReadScenarioResponse& said,
                       const SettleCell& settle,
                       const std::function<void(const RunRecord&)>& finished,
                       const std::function<void(const CellReport&)>& ended);

}  // namespace murphy::cli
