// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/experiment_service.pb.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/exit_code.h"

namespace murphy::cli {

// One run, finished.
struct RunRecord {
  v1::Run run;
  std::vector<v1::Injection> injections;
};

// What was asked for, in words that repeat it.
struct Invocation {
  std::string scenario;
  std::vector<std::string> faults;
  std::vector<std::string> expects;
  std::map<std::string, std::string> routes;
  std::string check;
  // As written; empty for the default.
  std::string timeout;
  std::vector<std::string> command;
  // Variables of the agent.
  std::map<std::string, std::string> env;
  // Values of parameters instead of their defaults.
  std::map<std::string, std::string> params;
  // What of all this the scenario file says by itself.
  v1::RunSettings in_file;
};

// Everything that the end of `murphy run` knows.
struct Report {
  Invocation invocation;
  // With its conclusion, when it was concluded. Without an id: nothing was to be injected, the runs
  // were only observed.
  v1::Experiment experiment;
  std::vector<RunRecord> runs;
  bool interrupted = false;
  // Runs that were not made because the verdict was certain without them.
  uint32_t runs_saved = 0;
  // The runs before any fault.
  std::vector<RunRecord> baseline;
  // Why all of them failed; empty when one did not, or there was none.
  std::string baseline_failure;
};

// Nothing was injected in this run: it says nothing about the agent under faults.
bool IsShadow(const RunRecord& record);

// What happens in one of its runs depends on the runs before it.
bool CountsOverRuns(const v1::Scenario& scenario);

// The exit code of the report. An experiment in which no fault was delivered is never kOk.
ExitCode Judge(const Report& report);

// PASS, FAIL, INCONCLUSIVE, INTERRUPTED, BASELINE BROKEN or OBSERVED.
std::string VerdictWord(const Report& report);

// Why, as a sentence.
std::string VerdictReason(const Report& report);

// The command line that repeats the run most worth repeating: the first with a violated
// expectation, else the first.
std::string ReplayLine(const Report& report);

// RECOVERED, `RECOVERED (unverified)`, FAILED_LOUD, `FAILED_SILENT (unverified)`…
std::string OutcomeWord(const v1::Outcome& outcome);

// An address without the part for an unnamed agent, its middle cut where it is long.
std::string ShortAddress(std::string_view address);

// `primary #1@2`: the target as the scenario calls it and the end of the address, else the short
// address.
std::string PlaceOf(const v1::Injection& injection);

// Injections that are told in one line: same rule, fault, state, recovery and exactness.
struct InjectionGroup {
  v1::Injection first;
  uint32_t count = 0;
  // The most that one of them took: injections on successive attempts share what followed.
  uint32_t attempts = 0;
  Milliseconds time{0};
  bool effect_repeated = false;
};
std::vector<InjectionGroup> GroupInjections(const std::vector<RunRecord>& runs);

// The same expectation over all treatment runs. Where all of them together decide, `together` is
// what they say, and one of the counts is 1.
struct ExpectTally {
  std::string expect;
  uint32_t held = 0;
  uint32_t violated = 0;
  uint32_t vacuous = 0;
  bool together = false;
  // Of the first violation, else of the first result.
  std::string evidence;
};
std::vector<ExpectTally> TallyExpects(const Report& report);

// What recovery cost, over all treatment runs.
struct Cost {
  uint64_t calls = 0;
  uint64_t tokens = 0;
  int64_t time_ms = 0;
  uint64_t duplicate_effects = 0;
  // Of the whole runs, as far as prices are known; 0 where none is.
  double dollars = 0;
};
Cost SumCost(const std::vector<RunRecord>& runs);

// From the beginning of the first run to the end of the last; 0 while one is open.
Milliseconds TimeTaken(const std::vector<RunRecord>& runs);

uint64_t DeliveredCount(const std::vector<RunRecord>& runs);

// What the causes and groups of the plan came to, over all treatment runs.
v1::Realised SumRealised(const std::vector<RunRecord>& runs);

}  // namespace murphy::cli
