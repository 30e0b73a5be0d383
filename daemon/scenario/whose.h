// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "faults/message/http.h"

namespace murphy::scenario {

// For whom something is counted or drawn: `count_per`, `probability_per`, `one_of_per`.
struct Whose {
  enum class Kind {
    kExchange,
    kRun,
    kExperiment,
    kOperation,
    kAgent,
    kTarget,
    // Whoever carries the same session or header.
    kCarrier,
  };
  Kind kind = Kind::kExchange;
  // Index into Plan::carriers.
  uint32_t carrier = 0;
};

// What an exchange can carry that says whose it is: a header, or its session.
struct Carrier {
  // Empty: the session.
  std::string header;

  bool session() const { return header.empty(); }
  // Empty: it carries none.
  std::string_view In(const message::Request& request) const;
};

// The header `mcp-session-id`, else `x-murphy-session`.
std::string_view SessionOf(const message::Request& request);

// Words that say whose, besides `header:NAME`: for draws, and for counters.
const std::vector<std::string>& WhoseDraws();
const std::vector<std::string>& WhoseCounts();

// What is wrong with such a word; empty when nothing is.
std::string ProblemOfWhose(std::string_view word, const std::vector<std::string>& accepted);

// Compiles a word that is right; empty: each exchange's own. A carrier that is not there yet is
// added.
Whose WhoseOf(std::string_view word, std::vector<Carrier>& carriers);

}  // namespace murphy::scenario
