// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/murphy/duration.h"
#include "tools/murphy/environment.h"

namespace murphy::cli {

// A short program whose output is wanted.
struct CapturedOptions {
  std::vector<std::string> command;
  Environment environment;
  // What it reads, at most 32 KiB.
  std::string input;
  Milliseconds timeout{0};
  // Of its output; what comes after that is read and dropped.
  size_t most_bytes = 1 << 20;
  // Asked several times a second; when it holds, the program is ended.
  std::function<bool()> cancelled;
};

struct Captured {
  enum class End { kExited, kTimedOut, kCancelled, kNotStarted };
  End end = End::kNotStarted;
  // 128 + signal when a signal ended it; for kNotStarted errno.
  int exit_code = 0;
  std::string output;
  std::string errors;
  bool cut = false;
};

// Runs a program in a process group of its own, which is gone when this returns: also what the
// program leaves behind.
//
// Threads: any.
Captured RunCaptured(const CapturedOptions& options);

}  // namespace murphy::cli
