// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/mistakes.h"

#include <fmt/format.h>

#include "daemon/experiments/refusal.h"

namespace murphy::experiments {
namespace {

std::string Place(const std::string& file, const config::Location& location) {
  if (location.line == 0) return file;
  return fmt::format("{}:{}:{}", file, location.line, location.column);
}

absl::Status Refused(const std::string& what, const std::vector<Violation>& violations) {
  const size_t count = violations.size();
  return BadRequest(fmt::format("{} has {} {}", what, count, count == 1 ? "mistake" : "mistakes"),
                    violations);
}

}  // namespace

absl::Status MistakesIn(const std::string& what, const std::vector<config::Mistake>& mistakes) {
  return MistakesIn(what, mistakes, {}, {});
}

absl::Status MistakesIn(const std::string& what, const std::vector<scenario::Mistake>& mistakes,
                        const config::Origins& origins) {
  return MistakesIn(what, {}, mistakes, origins);
}

absl::Status MistakesIn(const std::string& what, const std::vector<config::Mistake>& misread,
                        const std::vector<scenario::Mistake>& mistakes,
                        const config::Origins& origins) {
  std::vector<Violation> violations;
  for (const config::Mistake& mistake : misread) {
    violations.push_back({Place(mistake.file, mistake.location), mistake.message});
  }
  for (const scenario::Mistake& mistake : mistakes) {
    const config::Origin origin = config::OriginOf(origins, mistake.path);
    const std::string place = Place(origin.file, origin.location);
    violations.push_back({place.empty() ? mistake.path : place, mistake.message});
  }
  return Refused(what, violations);
}

}  // namespace murphy::experiments
