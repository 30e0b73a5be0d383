// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/experiment.h"

#include <utility>

#include "fmt/format.h"
#include "tools/murphy/agent_report.h"
#include "tools/murphy/child.h"
#include "tools/murphy/endpoints.h"
#include "tools/murphy/environment.h"
#include "tools/murphy/lease.h"
#include "tools/murphy/pages.h"
#include "tools/murphy/progress.h"
#include "tools/murphy/signals.h"

namespace murphy::cli {
namespace {

constexpr size_t kMaxScenarioBytes = 4 << 20;
constexpr Milliseconds kLease{5000};

uint32_t RunCount(const ExperimentOptions& options) {
  return options.runs * static_cast<uint32_t>(options.arms.size());
}

// Bytes of the UTF-8 sequence that the text begins with; 0 when it is none.
size_t Utf8Length(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xc2 && first < 0xe0   ? 2
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xf0 && first < 0xf5 ? 4
                                                        : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Too long a form, a surrogate, or above U+10FFFF.
  const bool bad = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
                   (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f);
  return bad ? 0 : length;
}

// gRPC carries UTF-8 only; whoever saved the file in another encoding needs the place.
void CheckText(const std::string& path, std::string_view text) {
  size_t line_begin = 0, line = 1;
  for (size_t i = 0; i < text.size();) {
    const size_t length = Utf8Length(text.substr(i));
    if (length == 0) {
      throw Failure(
          ExitCode::kUsage,
          fmt::format("{}:{}:{}: this is not UTF-8 text (byte 0x{:02x}): write it in that "
                      "encoding.",
                      path, line, i - line_begin + 1, static_cast<unsigned char>(text[i])));
    }
    if (text[i] == '\n') {
      ++line;
      line_begin = i + 1;
    }
    i += length;
  }
}

// One experiment on its way.
class Conductor {
 public:
  Conductor(const Console& console, const Daemon& daemon, const ExperimentOptions& options)
      : console_(console),
        daemon_(daemon),
        options_(options),
        interception_(PlanInterception(console.environment, options.invocation.routes)),
        progress_(console, RunCount(options)) {
    for (const std::string& warning : interception_.warnings) progress_.Note(warning);
  }

  ExperimentResult Conduct(const std::function<void(const RunRecord&)>& finished) {
    ExperimentResult result;
    Report& report = result.report;
    report.invocation = options_.invocation;
    Create(report);
    report.baseline_failure = RunBaseline(report);
    for (uint32_t i = 0; i < RunCount(options_) && !Over(report); ++i) {
      const auto arms = static_cast<uint32_t>(options_.arms.size());
      const Finished run = RunOnce({.experiment = report.experiment.id(),
                                    .index = options_.first_index + i / arms,
                                    .arm = options_.arms[i % arms],
                                    .number = i + 1});
      if (result.child_exit_code == 0) result.child_exit_code = run.end.exit_code;
      report.interrupted = run.end.interrupted;
      report.runs.push_back(run.record);
      finished(run.record);
    }
    report.interrupted = report.interrupted || signals_.interrupted();
    Conclude(report);
    return result;
  }

 private:
  struct Assignment {
    std::string experiment;
    uint32_t index = 0;
    v1::Arm arm = v1::ARM_TREATMENT;
    // From 1; 0 is the run before any fault.
    uint32_t number = 0;
  };
  struct Finished {
    RunRecord record;
    ChildEnd end;
    std::optional<v1::Report> said;
  };

  bool Over(const Report& report) const {
    return report.interrupted || signals_.interrupted() || !report.baseline_failure.empty();
  }

  void Create(Report& report) {
    const Invocation& invocation = options_.invocation;
    if (invocation.scenario.empty() && invocation.faults.empty()) return;
    v1::CreateExperimentRequest request;
    request.set_request_id(NewRequestId());
    *request.mutable_source() = ReadScenario(invocation.scenario, invocation.faults);
    if (options_.seed) request.set_seed(*options_.seed);
    const auto response =
        daemon_.Call(daemon_.experiments, &v1::ExperimentService::Stub::CreateExperiment, request);
    report.experiment = response.experiment();
    for (const std::string& warning : response.plan().warnings()) progress_.Note(warning);
  }

  void Conclude(Report& report) {
    if (report.experiment.id().empty()) return;
    v1::FinishExperimentRequest request;
    request.set_id(report.experiment.id());
    report.experiment =
        daemon_.Call(daemon_.experiments, &v1::ExperimentService::Stub::FinishExperiment, request)
            .experiment();
  }

  // As many as tell an agent that fails now and then, before runs that are to be counted.
  uint32_t BaselineRuns(const Report& report) const {
    constexpr uint32_t kWorthIt = 3;
    const bool many = options_.runs > 1 && !report.experiment.id().empty();
    return options_.baseline.value_or(many ? kWorthIt : 0);
  }

  // Runs without faults; why all of them failed, or nothing.
  std::string RunBaseline(Report& report) {
    const uint32_t runs = BaselineRuns(report);
    std::string failure;
    uint32_t failed = 0;
    for (uint32_t i = 0; i < runs && !Over(report); ++i) {
      const Finished run = RunOnce(
          {.experiment = report.experiment.id(), .index = i, .arm = v1::ARM_BASELINE});
      report.interrupted = run.end.interrupted;
      if (report.interrupted) return {};
      report.baseline.push_back(run.record);
      const std::string why = WhyBroken(run);
      if (why.empty()) continue;
      ++failed;
      failure = why;
    }
    if (failed < runs || runs == 0 || Over(report)) return {};
    return runs == 1 ? failure : fmt::format("{} So it was in all {} runs.", failure, runs);
  }

  // Why a run without faults failed, or nothing.
  static std::string WhyBroken(const Finished& run) {
    const v1::Outcome& outcome = run.record.run.outcome();
    // One judgement of what ended well: a checker outranks an exit code here as everywhere.
    const bool well = outcome.outcome_class() == v1::OUTCOME_CLASS_RECOVERED ||
                      outcome.outcome_class() == v1::OUTCOME_CLASS_RECOVERED_COSTLY;
    if (well) return {};
    if (outcome.outcome_class() == v1::OUTCOME_CLASS_INVALID && outcome.troubles_size() > 0)
      return fmt::format("Without any fault, the run already fails: {}.", outcome.reason());
    if (outcome.outcome_class() == v1::OUTCOME_CLASS_RUNAWAY ||
        outcome.outcome_class() == v1::OUTCOME_CLASS_UNSAFE) {
      return fmt::format("Without any fault, the run is already {}: {}.",
                         v1::OutcomeClass_Name(outcome.outcome_class())
                             .substr(std::string_view("OUTCOME_CLASS_").size()),
                         outcome.reason());
    }
    if (run.end.hung) return "Without any fault, the agent does not end within the time limit.";
    if (run.end.exit_code != 0) {
      return fmt::format("Without any fault, the agent already ends with exit code {}.",
                         run.end.exit_code);
    }
    if (run.said && run.said->task() != v1::TASK_STATE_CORRECT &&
        run.said->task() != v1::TASK_STATE_UNSPECIFIED) {
      return "Without any fault, the agent's result is already not correct.";
    }
    return {};
  }

  v1::StartRunResponse Start(const Assignment& assignment) {
    v1::StartRunRequest request;
    request.set_request_id(NewRequestId());
    request.set_experiment(assignment.experiment);
    request.set_index(assignment.index);
    request.set_arm(assignment.arm);
    for (const auto& [name, upstream] : interception_.routes)
      (*request.mutable_routes())[name] = upstream;
    *request.mutable_lease() = ToProto(kLease);
    // Neither a run without an experiment nor a baseline injects anything.
    const bool injects = !assignment.experiment.empty() && assignment.arm != v1::ARM_BASELINE;
    if (injects) request.set_approval_token(options_.approval_token);
    return daemon_.Call(daemon_.runs, &v1::RunService::Stub::StartRun, request);
  }

  Finished RunOnce(const Assignment& assignment) {
    const v1::StartRunResponse started = Start(assignment);
    progress_.Begin(started, assignment.number);
    const Lease lease(daemon_, started.run().id(), kLease);
    const ReportFile report_file;
    ChildOptions child;
    child.command = options_.invocation.command;
    child.environment =
        ChildEnvironment(console_.environment, interception_, started, report_file.path());
    child.timeout = options_.timeout;
    child.output_to_errors = console_.format != Format::kTable;
    Finished run;
    run.end = RunAgent(child, started.run().id());
    if (!run.end.interrupted)
      run.said = ReportOutcome(child, started, report_file, run.end);
    run.end.interrupted = run.end.interrupted || signals_.interrupted();
    if (lease.broken())
      progress_.Note("The daemon ended the lease of this run early: its faults were disarmed.");
    run.record = Finish(started.run().id(), run.end);
    progress_.End(run.record, assignment.number);
    return run;
  }

  ChildEnd RunAgent(const ChildOptions& child, const std::string& run) {
    std::optional<LiveInjections> live;
    if (RunCount(options_) == 1 && !console_.quiet) live.emplace(daemon_, run, progress_);
    try {
      return RunChild(child, signals_);
    } catch (const Failure&) {
      Finish(run, {.exit_code = 127, .interrupted = true});
      throw;
    }
  }

  // Lets the checker look at the end state: there are no faults any more, and what it calls is not
  // the agent's traffic. Nothing when it says nothing.
  std::optional<v1::Report> Check(ChildOptions child, const v1::StartRunResponse& started,
                                  const ReportFile& file, const ChildEnd& agent) {
    v1::CloseRunRequest request;
    request.set_run(started.run().id());
    daemon_.Call(daemon_.runs, &v1::RunService::Stub::CloseRun, request);
    child.command = {"/bin/sh", "-c", options_.invocation.check};
    child.environment =
        CheckerEnvironment(console_.environment, interception_, started, file.checker_path());
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
      progress_.Note(fmt::format(
          "The checker says nothing: it ended with {} instead of 0, 1 or 2.", check.exit_code));
    }
    return report;
  }

  // Sends what the agent and the checker say.
  std::optional<v1::Report> ReportOutcome(const ChildOptions& child,
                                          const v1::StartRunResponse& started,
                                          const ReportFile& file, const ChildEnd& agent) {
    const AgentReport said = ReadAgentReport(file.path());
    if (!said.mistake.empty()) progress_.Note(said.mistake);
    std::optional<v1::Report> report = said.report;
    if (!options_.invocation.check.empty()) {
      const std::optional<v1::Report> checked = Check(child, started, file, agent);
      if (checked) report = AddUp(report, *checked);
    }
    if (!report) return std::nullopt;
    v1::ReportOutcomeRequest request;
    request.set_run(started.run().id());
    *request.mutable_report() = *report;
    daemon_.Call(daemon_.runs, &v1::RunService::Stub::ReportOutcome, request);
    return report;
  }

  RunRecord Finish(const std::string& run, const ChildEnd& end) {
    v1::FinishRunRequest request;
    request.set_run(run);
    request.set_exit_code(end.exit_code);
    request.set_hung(end.hung);
    request.set_interrupted(end.interrupted);
    const auto response = daemon_.Call(daemon_.runs, &v1::RunService::Stub::FinishRun, request);
    RunRecord record{response.run(), {response.injections().begin(), response.injections().end()}};
    if (!response.next_page_token().empty()) AddRest(run, response.next_page_token(), record);
    return record;
  }

  // Injections that were too many for one message.
  void AddRest(const std::string& run, const std::string& page_token, RunRecord& record) {
    v1::ListInjectionsRequest request;
    request.set_run(run);
    request.set_page_token(page_token);
    const auto fetch = [this](const v1::ListInjectionsRequest& page) {
      auto response =
          daemon_.Call(daemon_.journal, &v1::JournalService::Stub::ListInjections, page);
      return std::pair(std::move(*response.mutable_injections()), response.next_page_token());
    };
    EachPage(std::move(request), kEverything, fetch, [&record](v1::Injection& injection) {
      record.injections.push_back(std::move(injection));
    });
  }

  const Console& console_;
  const Daemon& daemon_;
  const ExperimentOptions& options_;
  const Interception interception_;
  Progress progress_;
  Signals signals_;
};

}  // namespace

v1::ScenarioSource ReadScenario(const std::string& path, const std::vector<std::string>& faults) {
  v1::ScenarioSource source;
  for (const std::string& fault : faults) {
    CheckText("--fault", fault);
    source.add_inline_faults(fault);
  }
  if (path.empty()) return source;
  std::optional<std::string> text = ReadFile(path, kMaxScenarioBytes);
  if (!text) {
    throw Failure(
        ExitCode::kUsage,
        fmt::format(
            "{} cannot be read as a scenario (it is missing, a folder, or larger than 4 MiB).",
            path));
  }
  CheckText(path, *text);
  source.set_name(path);
  source.set_text(std::move(*text));
  return source;
}

ExperimentResult RunExperiment(const Console& console, const Daemon& daemon,
                               const ExperimentOptions& options,
                               const std::function<void(const RunRecord&)>& finished) {
  return Conductor(console, daemon, options).Conduct(finished);
}

}  // namespace murphy::cli
