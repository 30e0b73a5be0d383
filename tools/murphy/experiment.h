// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "murphy/v1/experiment_service.pb.h"
#include "tools/murphy/console.h"
#include "tools/murphy/daemon.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/report/report.h"

namespace murphy::cli {

// What `murphy run` was asked to do.
struct ExperimentOptions {
  Invocation invocation;
  // Of each arm.
  uint32_t runs = 1;
  // For each index, in this order.
  std::vector<v1::Arm> arms = {v1::ARM_TREATMENT};
  std::optional<uint64_t> seed;
  uint32_t first_index = 0;
  Milliseconds timeout{600'000};
  // Runs without any fault before the others; nullopt: as many as are worth it.
  std::optional<uint32_t> baseline;
  // Of an approver; empty for none.
  std::string approval_token;
  // Runs at once.
  uint32_t parallel = 1;
  // No run is begun once the verdict is certain.
  bool stop_early = false;
  // Where what the agents write is kept; `-`: nowhere, they write here. Empty: here when there is
  // one run, else a folder of the experiment's.
  std::string logs;
  // The experiment to go on with; empty for a new one. What is left out above is then as it was.
  std::string resume;
};

// Runs of all arms together.
uint32_t RunCount(const ExperimentOptions& options);

struct ExperimentResult {
  Report report;
  // The first exit code of the agent that is not 0, else 0.
  int child_exit_code = 0;
};

// Text of a scenario, inline faults and expectations, as the daemon wants them. Throws Failure (kUsage) when the
// file cannot be read.
v1::ScenarioSource ReadScenario(const std::string& path, const std::vector<std::string>& faults,
                                const std::vector<std::string>& expects = {});

// Creates the experiment or opens it again, runs the agent as often as asked for, and concludes.
// `finished` is told about each run as it ends, by one thread at a time. An interrupt ends the runs
// and the experiment, which can be resumed then. Throws Failure.
ExperimentResult RunExperiment(const Console& console, const Daemon& daemon,
                               const ExperimentOptions& options,
                               const std::function<void(const RunRecord&)>& finished);

}  // namespace murphy::cli
