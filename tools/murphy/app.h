// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "tools/murphy/environment.h"

namespace murphy::cli {

// The world around one invocation.
struct Surroundings {
  Environment environment;
  std::ostream& out;
  std::ostream& errors;
  // The streams are terminals.
  bool out_is_terminal = false;
  bool errors_are_terminal = false;
};

// The whole program: `arguments` without its name. Returns the exit code.
int RunMurphy(const std::vector<std::string>& arguments, const Surroundings& surroundings);

}  // namespace murphy::cli
