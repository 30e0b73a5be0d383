// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tools/murphy/duration.h"
#include "tools/murphy/environment.h"
#include "tools/murphy/signals.h"

namespace murphy::cli {

// A program to run to its end.
struct ChildOptions {
  std::vector<std::string> command;
  Environment environment;
  // After this it is terminated.
  Milliseconds timeout{0};
  // Between SIGTERM and SIGKILL.
  Milliseconds grace{5000};
  // Its standard output goes to our standard error, which keeps ours clean for a report.
  bool output_to_errors = false;
};

// How it ended.
struct ChildEnd {
  // Its exit code; 128 + signal when a signal ended it.
  int exit_code = 0;
  // It was terminated at `timeout`.
  bool hung = false;
  // We were interrupted, or it was from the terminal.
  bool interrupted = false;
};

// Runs a program in a process group of its own, in the foreground of the terminal if we are, and
// waits for it. An interrupt terminates the group; a second one, or `grace`, kills it. Throws
// Failure (kUsage) when the program cannot be started.
ChildEnd RunChild(const ChildOptions& options, Signals& signals);

}  // namespace murphy::cli
