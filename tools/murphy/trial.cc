// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/trial.h"

#include <unistd.h>

#include <utility>

#include "fmt/format.h"
#include "tools/murphy/endpoints.h"
#include "tools/murphy/lease.h"
#include "tools/murphy/pages.h"

namespace murphy::cli {
namespace {

constexpr Milliseconds kLease{5000};

Environment Joined(Environment environment, const std::map<std::string, std::string>& more) {
  for (const auto& [name, value] : more) environment[name] = value;
  return environment;
}

}  // namespace

Trial::Trial(const Console& console, const Daemon& daemon, const ExperimentOptions& options,
             const v1::Scenario& scenario, const LogFolder& logs, Progress& progress,
             Signals& signals, bool alone)
    : console_(console),
      daemon_(daemon),
      options_(options),
      scenario_(scenario),
      logs_(logs),
      progress_(progress),
      signals_(signals),
      alone_(alone),
      environment_(Joined(console.environment, options.invocation.env)),
      interception_(PlanInterception(environment_, options.invocation.routes)) {}

v1::StartRunResponse Trial::Start(const Errand& errand) const {
  v1::StartRunRequest request;
  request.set_request_id(NewRequestId());
  request.set_experiment(errand.experiment);
  request.set_index(errand.index);
  request.set_arm(errand.arm);
  for (const auto& [name, upstream] : interception_.routes)
    (*request.mutable_routes())[name] = upstream;
  *request.mutable_lease() = ToProto(kLease);
  // Neither a run without an experiment nor a baseline injects anything.
  const bool injects = !errand.experiment.empty() && errand.arm != v1::ARM_BASELINE;
  if (injects) request.set_approval_token(options_.approval_token);
  return daemon_.Call(daemon_.runs, &v1::RunService::Stub::StartRun, request);
}

Finished Trial::Run(const Errand& errand) const {
  const v1::StartRunResponse started = Start(errand);
  if (alone_) progress_.Begin(started);
  const Lease lease(daemon_, started.run().id(), kLease);
  const ReportFile report_file;
  ChildOptions child;
  child.command = options_.invocation.command;
  child.environment =
      ChildEnvironment(environment_, interception_, started, report_file.path());
  child.timeout = options_.timeout;
  if (console_.format != Format::kTable) child.output = STDERR_FILENO;
  std::optional<RunLog> log;
  if (!logs_.path().empty()) {
    log.emplace(logs_.FileOf(errand.index, errand.arm),
                [this](const std::string& why) { progress_.Note(why); });
    child.output = child.errors = log->fd();
  }
  child.apart = options_.parallel > 1;
  // A run without faults says nothing about them.
  Probes probes(
      errand.arm == v1::ARM_BASELINE ? no_probes_ : scenario_,
      CheckerEnvironment(console_.environment, interception_, started, report_file.checker_path()),
      [this] { return signals_.interrupted(); },
      [this](const std::string& why) { progress_.Note(why); });
  probes.AskAll(v1::PROBE_MOMENT_BEFORE);
  probes.Watch(daemon_, started.run().id());
  Finished run;
  run.end = RunAgent(child, started.run().id());
  probes.Stop();
  if (!run.end.interrupted)
    run.said = ReportOutcome(child, started, report_file, run.end, probes);
  run.end.interrupted = run.end.interrupted || signals_.interrupted();
  if (lease.broken())
    progress_.Note("The daemon ended the lease of this run early: its faults were disarmed.");
  run.record = Finish(started.run().id(), run.end);
  if (run.end.left_processes) {
    progress_.Note(fmt::format("The agent of run {} left processes behind, which were killed.",
                               started.run().id()));
  }
  return run;
}

ChildEnd Trial::RunAgent(const ChildOptions& child, const std::string& run) const {
  std::optional<LiveInjections> live;
  if (alone_ && !console_.quiet) live.emplace(daemon_, run, progress_);
  try {
    return RunChild(child, signals_);
  } catch (const Failure&) {
    Finish(run, {.exit_code = 127, .interrupted = true});
    throw;
  }
}

void Trial::Close(const std::string& run) const {
  v1::CloseRunRequest request;
  request.set_run(run);
  daemon_.Call(daemon_.runs, &v1::RunService::Stub::CloseRun, request);
}

// Lets the checker look at the end state: there are no faults any more, and what it calls is not
// the agent's traffic. Nothing when it says nothing.
std::optional<v1::Report> Trial::Check(ChildOptions child, const v1::StartRunResponse& started,
                                       const ReportFile& file, const ChildEnd& agent) const {
  child.command = {"/bin/sh", "-c", options_.invocation.check};
  child.environment =
      CheckerEnvironment(environment_, interception_, started, file.checker_path());
  child.environment["MURPHY_AGENT_EXIT_CODE"] = std::to_string(agent.exit_code);
  child.environment["MURPHY_AGENT_REPORT_FILE"] = file.path();
  const ChildEnd check = RunChild(child, signals_);
  if (check.interrupted) return std::nullopt;
  const AgentReport said = ReadCheckerReport(file.checker_path());
  if (!said.mistake.empty()) progress_.Note(said.mistake);
  std::optional<v1::Report> report = said.report;
  const std::optional<v1::TaskState> task =
      check.hung ? std::nullopt : TaskOfCheck(check.exit_code);
  if (task) {
    if (!report) report.emplace();
    report->set_task(*task);
  } else {
    progress_.Note(
        check.hung
            ? fmt::format("The checker says nothing: it was stopped after the {} of --timeout.",
                          ShowDuration(child.timeout))
            : fmt::format("The checker says nothing: it ended with {} instead of 0, 1 or 2.",
                          check.exit_code));
    // That is a report, too: nobody knows how the task went.
    if (!report) report.emplace();
  }
  return report;
}

// Sends what the agent, the checker and the probes say.
std::optional<v1::Report> Trial::ReportOutcome(const ChildOptions& child,
                                               const v1::StartRunResponse& started,
                                               const ReportFile& file, const ChildEnd& agent,
                                               Probes& probes) const {
  const AgentReport said = ReadAgentReport(file.path());
  if (!said.mistake.empty()) progress_.Note(said.mistake);
  std::optional<v1::Report> report = said.report;
  const bool checks = !options_.invocation.check.empty();
  if (checks || probes.Any(v1::PROBE_MOMENT_AFTER)) Close(started.run().id());
  if (checks) {
    const std::optional<v1::Report> checked = Check(child, started, file, agent);
    if (checked) report = AddUp(report, *checked);
  }
  probes.AskAll(v1::PROBE_MOMENT_AFTER);
  for (v1::ProbeResult& result : probes.Results()) {
    if (!report) report.emplace();
    *report->add_probes() = std::move(result);
  }
  if (!report) return std::nullopt;
  v1::ReportOutcomeRequest request;
  request.set_run(started.run().id());
  *request.mutable_report() = *report;
  daemon_.Call(daemon_.runs, &v1::RunService::Stub::ReportOutcome, request);
  return report;
}

RunRecord Trial::Finish(const std::string& run, const ChildEnd& end) const {
  v1::FinishRunRequest request;
  request.set_run(run);
  request.set_exit_code(end.exit_code);
  request.set_hung(end.hung);
  request.set_interrupted(end.interrupted);
  const auto response = daemon_.Call(daemon_.runs, &v1::RunService::Stub::FinishRun, request);
  RunRecord record{response.run(), {response.injections().begin(), response.injections().end()}};
  if (!response.next_page_token().empty())
    AddInjections(daemon_, response.next_page_token(), record);
  return record;
}

void AddInjections(const Daemon& daemon, const std::string& page_token, RunRecord& record) {
  v1::ListInjectionsRequest request;
  request.set_run(record.run.id());
  request.set_page_token(page_token);
  const auto fetch = [&daemon](const v1::ListInjectionsRequest& page) {
    auto response = daemon.Call(daemon.journal, &v1::JournalService::Stub::ListInjections, page);
    return std::pair(std::move(*response.mutable_injections()), response.next_page_token());
  };
  EachPage(std::move(request), kEverything, fetch, [&record](v1::Injection& injection) {
    record.injections.push_back(std::move(injection));
  });
}

}  // namespace murphy::cli
