// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

namespace murphy::cli {

// What the process ends with. Scripts depend on the numbers.
enum class ExitCode {
  kOk = 0,
  kInternal = 1,
  kUsage = 2,
  kBaseline = 3,
  kViolated = 4,
  kInconclusive = 5,
  kInterrupted = 6,
  kUnreachable = 7,
};

// Thrown to end a command: what to print, as sentences, and what to exit with.
struct Failure {
  Failure(ExitCode exit_code, std::string sentences)
      : code(exit_code), text(std::move(sentences)) {}

  ExitCode code;
  std::string text;
};

}  // namespace murphy::cli
