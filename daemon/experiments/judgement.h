// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "daemon/journal/journal.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/scenario.pb.h"

namespace murphy::experiments {

// What is known about the end of a run besides the journal.
struct RunEnd {
  std::optional<int> exit_code;
  std::optional<v1::Report> report;
  bool hung = false;
  bool interrupted = false;
  // What was not recorded, or why faults stopped early; empty when nothing.
  std::string integrity;
  // The limit of its guard that ended the faults; empty for none.
  std::string guard;
  // When the agent had ended; what a checker does comes later. Infinite past: unknown.
  absl::Time at = absl::InfinitePast();
  // What its experiment's runs without faults have cost so far.
  std::optional<v1::Control> control;
};

struct Judged {
  v1::Run run;
  std::vector<v1::Injection> injections;
};

// Judges a run that takes no more exchanges: reads everything about it back from the journal,
// completes its injections, sets its outcome, and commits both. What the journal cannot give or
// take makes the run INVALID; it is still returned.
Judged Judge(journal::Journal& journal, v1::Run run, const v1::Scenario& scenario, RunEnd end);

}  // namespace murphy::experiments
