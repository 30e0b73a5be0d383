// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "murphy/v1/experiment_service.pb.h"
#include "tools/murphy/daemon.h"

namespace murphy::cli {

// A scenario with everything that belongs to it, and how it wants to be run.
struct SourceReading {
  v1::ScenarioSource source;
  v1::ReadScenarioResponse said;
};

// Text of a scenario, inline faults and expectations, as the daemon wants them. Throws Failure
// (kUsage) when the file cannot be read.
v1::ScenarioSource ReadScenario(const std::string& path, const std::vector<std::string>& faults,
                                const std::vector<std::string>& expects = {});

// Adds the files that a scenario includes, and asks how it wants to be run. The daemon says which
// files these are; they are read here. Throws Failure with every mistake and its place.
SourceReading Complete(const Daemon& daemon, v1::ScenarioSource source,
                       const std::optional<uint64_t>& seed);

// Lets the daemon check a scenario; nothing is created. Throws Failure with every mistake and its
// place.
v1::CreateExperimentResponse Validate(const Daemon& daemon, const v1::ScenarioSource& source,
                                      const std::optional<uint64_t>& seed);
// The same for one cell of its matrix, which is named where something is wrong.
v1::CreateExperimentResponse Validate(const Daemon& daemon, const v1::ScenarioSource& source,
                                      const v1::Cell& cell);

// The scenario with the values of a cell.
v1::ScenarioSource WithCell(v1::ScenarioSource source, const v1::Cell& cell);
// `model=a, intensity=2`.
std::string ShowCell(const v1::Cell& cell);

// Reads `NAME=VALUE` words of an option. Throws Failure (kUsage).
std::map<std::string, std::string> ParseAssignments(std::string_view option,
                                                    const std::vector<std::string>& words);

}  // namespace murphy::cli
