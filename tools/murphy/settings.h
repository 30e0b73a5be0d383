// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "murphy/v1/run_settings.pb.h"
#include "tools/murphy/experiment.h"

namespace murphy::cli {

// What the command line says of how an agent is run; what it does not say is absent or empty.
struct RunFlags {
  std::vector<std::string> command;
  std::optional<uint32_t> runs;
  std::string arms;
  std::vector<std::string> routes;
  std::string check;
  std::string timeout;
  std::vector<std::string> env;
  std::optional<uint32_t> parallel;
  std::optional<bool> stop_early;
  std::optional<uint32_t> baseline;
  std::optional<uint64_t> seed;
};

// The command line first, then the file, then what holds by default. Throws Failure (kUsage) when
// something is no arm, route, duration or variable.
ExperimentOptions Settle(const RunFlags& flags, const v1::RunSettings& file);

}  // namespace murphy::cli
