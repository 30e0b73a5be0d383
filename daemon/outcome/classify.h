// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/experiment_service.pb.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::outcome {

// Everything known about a run at its end.
struct Evidence {
  v1::Scenario scenario;
  // In order of sequence.
  std::vector<v1::Exchange> exchanges;
  // In order of id; their last state.
  std::vector<v1::Injection> injections;
  std::optional<int> exit_code;
  std::optional<v1::Report> report;
  bool hung = false;
  bool interrupted = false;
  // Its controller was gone before it ended it.
  bool left_alone = false;
  // Nothing was to be injected: what would have been is on record.
  bool shadow = false;
  // What the journal lost or why faults stopped early, which spoils the run; empty when nothing.
  std::string integrity;
  // The limit of its guard that ended the faults, as the scenario says; empty for none.
  std::string guard;
  // When the agent had ended; infinite past where that is not known.
  absl::Time at = absl::InfinitePast();
  // What runs without faults cost; nullopt where there was none.
  std::optional<v1::Control> control;
};

// Which layer dealt with each injection, how often, how long, at what cost: fills the `recovery…`
// fields. An agent's own word that the task is correct counts as a report only where nothing that
// was seen speaks against it: a call that was never served, an exit code, that it had to be stopped.
void AttributeRecovery(Evidence& evidence);

// What the run came to. Call AttributeRecovery first. Pure.
v1::Outcome Classify(const Evidence& evidence);

// What an experiment concludes from its finished treatment runs. An experiment in which no fault
// was delivered is never PASS.
v1::Conclusion Conclude(const v1::Scenario& scenario, const std::vector<v1::Run>& runs);

// The same while runs are going on: of those before the first index whose run has not ended. Which
// of several runs at once ends first says something about how it ends.
v1::Conclusion ConcludeSoFar(const v1::Scenario& scenario, std::vector<v1::Run> runs);

}  // namespace murphy::outcome
