// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daemon/config/reader.h"

namespace murphy::config {

// Mistakes as a user sees them, a line each.
inline std::string Lines(const std::vector<Mistake>& mistakes) {
  std::string lines;
  for (const Mistake& mistake : mistakes) {
    lines += mistake.file + ":" + std::to_string(mistake.location.line) + ":" +
             std::to_string(mistake.location.column) + ": " + mistake.message + "\n";
  }
  return lines;
}

}  // namespace murphy::config
