// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <iostream>

#include "tools/murphy/app.h"

int main(int argc, char** argv) {
  const murphy::cli::Surroundings surroundings{.environment = murphy::cli::ReadEnvironment(environ),
                                               .out = std::cout,
                                               .errors = std::cerr,
                                               .out_is_terminal = isatty(STDOUT_FILENO) != 0,
                                               .errors_are_terminal = isatty(STDERR_FILENO) != 0};
  return murphy::cli::RunMurphy({argv + 1, argv + argc}, surroundings);
}
