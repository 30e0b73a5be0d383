// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/experiment_service.pb.h"

namespace murphy::cli {

// What is known of an agent that a scenario is to be written for.
struct DraftSubject {
  // What the scenario is called.
  std::string name;
  // The run that it was seen in; empty: nothing is known.
  std::string run;
  std::vector<v1::Exchange> exchanges;
  // Numbers of those that Murphy takes for repeated effects.
  std::set<uint64_t> hinted;
  // How the agent was run; without a command where nobody said it.
  v1::Invocation invocation;
};

// A name that a scenario may have, from any text.
std::string ScenarioName(const std::string& text);

// The text of a scenario to start from: it is one as it stands, and its comments say what to change.
std::string DraftScenario(const DraftSubject& subject);

}  // namespace murphy::cli
