// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "tools/murphy/daemon.h"
#include "tools/murphy/environment.h"

namespace murphy::cli {

enum class Format { kTable, kJson, kJsonl, kJunit };

// What every command is given.
struct Console {
  std::ostream& out;
  std::ostream& errors;
  const Environment& environment;
  // Colour on `out`.
  bool color = false;
  // `errors` is a terminal: lines may be redrawn.
  bool live = false;

  Format format = Format::kTable;
  bool quiet = false;
  DaemonOptions daemon;
  // What followed `--`.
  std::vector<std::string> command;
};

}  // namespace murphy::cli
