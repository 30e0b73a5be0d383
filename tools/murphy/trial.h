// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "tools/murphy/agent_report.h"
#include "tools/murphy/child.h"
#include "tools/murphy/environment.h"
#include "tools/murphy/experiment.h"
#include "tools/murphy/log_folder.h"
#include "tools/murphy/probe.h"
#include "tools/murphy/progress.h"
#include "tools/murphy/signals.h"

namespace murphy::cli {

// One run that is to be made.
struct Errand {
  std::string experiment;
  uint32_t index = 0;
  v1::Arm arm = v1::ARM_TREATMENT;
};

struct Finished {
  RunRecord record;
  ChildEnd end;
  // What the agent and the checker said.
  std::optional<v1::Report> said;
};

// Runs the agent once under a lease, lets the checker look, and asks the daemon what it came to.
//
// Threads: any; each run is its own.
class Trial {
 public:
  // `scenario`: whose probes are asked. `alone`: no other run is made beside or after it.
  Trial(const Console& console, const Daemon& daemon, const ExperimentOptions& options,
        const v1::Scenario& scenario, const LogFolder& logs, Progress& progress, Signals& signals, bool alone);

  // Throws Failure.
  Finished Run(const Errand& errand) const;
  // What the environment says that may surprise, a sentence each.
  const std::vector<std::string>& warnings() const { return interception_.warnings; }

 private:
  v1::StartRunResponse Start(const Errand& errand) const;
  ChildEnd RunAgent(const ChildOptions& child, const std::string& run) const;
  // Ends traffic and faults: what is looked at now is the end state.
  void Close(const std::string& run) const;
  std::optional<v1::Report> Check(ChildOptions child, const v1::StartRunResponse& started,
                                  const ReportFile& file, const ChildEnd& agent) const;
  std::optional<v1::Report> ReportOutcome(const ChildOptions& child,
                                          const v1::StartRunResponse& started,
                                          const ReportFile& file, const ChildEnd& agent,
                                          Probes& probes) const;
  RunRecord Finish(const std::string& run, const ChildEnd& end) const;

  const Console& console_;
  const Daemon& daemon_;
  const ExperimentOptions& options_;
  const v1::Scenario& scenario_;
  const v1::Scenario no_probes_;
  const LogFolder& logs_;
  Progress& progress_;
  Signals& signals_;
  const bool alone_;
  // That of this process, and what is said for the agent.
  const Environment environment_;
  const Interception interception_;
};

// Injections of a run that one message does not hold, from a page on.
void AddInjections(const Daemon& daemon, const std::string& page_token, RunRecord& record);

}  // namespace murphy::cli
