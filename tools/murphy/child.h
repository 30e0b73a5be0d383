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
  // Where its standard output and error go.
  int output = 1;
  int errors = 2;
  // One of several at once: it gets no terminal and an empty standard input.
  bool apart = false;
};

// How it ended.
struct ChildEnd {
  // Its exit code; 128 + signal when a signal ended it.
  int exit_code = 0;
  // It was terminated at `timeout`.
  bool hung = false;
  // We were interrupted, or it was from the terminal.
  bool interrupted = false;
  // It had ended and left processes behind, which were killed.
  bool left_processes = false;
};

// Runs a program in a process group of its own, in the foreground of the terminal if we are, and
// waits for it. What it leaves behind is ended with it: it would go on calling. An interrupt terminates the group; a second one, or `grace`, kills it. Throws
// Failure (kUsage) when the program cannot be started.
ChildEnd RunChild(const ChildOptions& options, Signals& signals);

}  // namespace murphy::cli
