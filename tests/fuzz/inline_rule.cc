// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "daemon/config/reader.h"

// Any text gives one rule with a fault, or mistakes with places inside the text.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  murphy::v1::Scenario scenario;
  murphy::config::Origins origins;
  const auto mistakes = murphy::config::ReadInlineRule("f", text, scenario, &origins);
  for (const murphy::config::Mistake& mistake : mistakes) {
    if (mistake.location.line != 1 || mistake.location.column < 1) std::abort();
    if (mistake.location.column > static_cast<int>(size) + 1) std::abort();
  }
  if (!mistakes.empty()) return 0;
  if (scenario.rule_size() != 1 || scenario.rule(0).fault().kind_case() == 0) std::abort();
  murphy::v1::Scenario stored;
  if (!stored.ParseFromString(scenario.SerializeAsString())) std::abort();
  return 0;
}
