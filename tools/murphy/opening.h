// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tools/murphy/experiment.h"

namespace murphy::cli {

// An experiment whose runs can begin.
struct Opened {
  // Complete: for one that was resumed, with what it was begun with.
  ExperimentOptions options;
  // Without an id: nothing is to be injected.
  v1::Experiment experiment;
  // Runs that ended before it was interrupted.
  std::vector<RunRecord> done;
  std::vector<RunRecord> baseline;
  // A sentence each.
  std::vector<std::string> warnings;
};

// Creates an experiment, or opens the one to resume. Throws Failure.
Opened Open(const Daemon& daemon, const ExperimentOptions& options);

}  // namespace murphy::cli
