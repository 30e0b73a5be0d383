// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "daemon/config/reader.h"

// Any text gives a scenario or mistakes with places, and what is read can be stored.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const murphy::config::ScenarioReading reading = murphy::config::ReadScenario("f", text, {});
  for (const murphy::config::Mistake& mistake : reading.mistakes) {
    if (mistake.location.line < 1 || mistake.location.column < 1) std::abort();
    if (mistake.message.empty()) std::abort();
  }
  murphy::v1::Scenario stored;
  if (!stored.ParseFromString(reading.scenario.SerializeAsString())) std::abort();
  return 0;
}
