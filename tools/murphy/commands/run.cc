// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <memory>

#include "fmt/format.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/experiment.h"
#include "tools/murphy/matrix.h"
#include "tools/murphy/report/matrix.h"
#include "tools/murphy/report/writers.h"
#include "tools/murphy/settings.h"
#include "tools/murphy/source.h"

namespace murphy::cli {
namespace {

struct RunOptions {
  RunFlags flags;
  std::string scenario;
  std::vector<std::string> faults;
  std::vector<std::string> expects;
  std::vector<std::string> params;
  uint32_t first_index = 0;
  std::string logs;
  std::string resume;
  std::string exit_code = "verdict";
  bool stop_early = false;
  // Whether that was said.
  CLI::Option* stop_early_option = nullptr;
};

// What only the command line can say.
ExperimentOptions Complete(const RunOptions& options, const Console& console,
                           ExperimentOptions experiment) {
  experiment.invocation.scenario = options.scenario;
  experiment.invocation.faults = options.faults;
  experiment.invocation.expects = options.expects;
  experiment.first_index = options.first_index;
  experiment.logs = options.logs;
  experiment.resume = options.resume;
  experiment.approval_token = ApprovalToken(console.daemon, console.environment);
  if (experiment.invocation.command.empty() && options.resume.empty()) {
    throw Failure(ExitCode::kUsage,
                  "Say what to run after `--`, as in: murphy run --fault 'rate_limit,first=2' -- "
                  "python agent.py\nIn a file it is `command` in [run].");
  }
  return experiment;
}

void Print(const Console& console, const Report& report) {
  switch (console.format) {
    case Format::kTable:
      if (!console.quiet) console.errors << std::endl;
      console.out << (console.quiet ? VerdictWord(report) + "\n"
                                    : WriteTable(report, console.color));
      break;
    case Format::kJson:
      console.out << WriteJson(report);
      break;
    case Format::kJsonl:
      console.out << WriteFinishLine(report);
      break;
    case Format::kJunit:
      console.out << WriteJUnit(report);
      break;
  }
  console.out << std::flush;
}

void Print(const Console& console, const MatrixReport& report) {
  switch (console.format) {
    case Format::kTable:
      if (!console.quiet) console.errors << std::endl;
      console.out << WriteMatrixTable(report, console.color);
      break;
    case Format::kJson:
      console.out << WriteMatrixJson(report);
      break;
    case Format::kJsonl:
      console.out << WriteMatrixLine(report);
      break;
    case Format::kJunit:
      console.out << WriteMatrixJUnit(report);
      break;
  }
  console.out << std::flush;
}

int ExitWith(const RunOptions& options, ExitCode code, int child_exit_code) {
  const bool ran = code != ExitCode::kBaseline && code != ExitCode::kInterrupted;
  return options.exit_code == "child" && ran ? child_exit_code : static_cast<int>(code);
}

int RunAll(const Console& console, const Daemon& daemon, const RunOptions& options,
           const SourceReading& reading,
           const std::function<void(const RunRecord&)>& finished) {
  const SettleCell settle = [&](const v1::ScenarioSource& source, const v1::Cell& cell) {
    // What a parameter says may be what is run, and how.
    const SourceReading own = Complete(daemon, source, cell.seed());
    ExperimentOptions experiment =
        Complete(options, console, Settle(options.flags, own.said.run()));
    experiment.source = own.source;
    experiment.seed = cell.seed();
    experiment.invocation.params = {own.source.params().begin(), own.source.params().end()};
    if (!experiment.logs.empty() && experiment.logs != "-")
      experiment.logs += "/" + std::to_string(cell.seed());
    return experiment;
  };
  Signals signals;
  const MatrixResult result =
      RunMatrix(console, daemon, signals, reading.source, reading.said, settle, finished,
                [&](const CellReport& cell) {
                  if (console.format == Format::kJsonl)
                    console.out << WriteFinishLine(*cell.report) << std::flush;
                });
  Print(console, result.report);
  return ExitWith(options, Judge(result.report), result.child_exit_code);
}

int Run(const Console& console, RunOptions options) {
  options.flags.command = console.command;
  if (options.stop_early_option->count() > 0) options.flags.stop_early = options.stop_early;
  // A file that cannot be read must not start a daemon first.
  SourceReading reading;
  reading.source = ReadScenario(options.scenario, options.faults, options.expects);
  for (const auto& [name, value] : ParseAssignments("--set", options.params))
    (*reading.source.mutable_params())[name] = value;
  const bool says = !options.scenario.empty() || !options.params.empty();
  ExperimentOptions experiment = Settle(options.flags, {});
  if (!says) experiment = Complete(options, console, std::move(experiment));
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  const auto finished = [&console](const RunRecord& record) {
    if (console.format == Format::kJsonl) console.out << WriteRunLine(record) << std::flush;
  };
  if (says) {
    reading = Complete(daemon, std::move(reading.source), options.flags.seed);
    if (!reading.said.cells().empty()) return RunAll(console, daemon, options, reading, finished);
    experiment = Complete(options, console, Settle(options.flags, reading.said.run()));
  }
  experiment.source = reading.source;
  experiment.invocation.params = {reading.source.params().begin(), reading.source.params().end()};
  // An interrupt that comes from now on ends the experiment properly.
  Signals signals;
  const ExperimentResult result = RunExperiment(console, daemon, signals, experiment, finished);
  Print(console, result.report);
  return ExitWith(options, Judge(result.report), result.child_exit_code);
}

constexpr const char* kFooter =
    R"(What follows `--` is run as the agent. It gets the base-URL variables of the model SDKs,
MURPHY_ROUTE_<NAME> for each --route, MURPHY_RUN, MURPHY_GATEWAY, and MURPHY_REPORT_FILE, where it may
write {"task": "correct|partial|wrong|none", "disclosed": …, "escalated": …, "note": …}.
The checker may write there, too, and say how many effects the end state shows: {"effects": {TARGET: N}}.
It has the gateway's URLs as MURPHY_VIA_<VARIABLE>, the agent's report as MURPHY_AGENT_REPORT_FILE and its
exit code as MURPHY_AGENT_EXIT_CODE.
With -o json, jsonl or junit its standard output goes to standard error.

A scenario file can say all of this itself in [run]: command, runs, arms, routes, check, timeout, env,
parallel, stop_early, baseline, seed. Then `murphy run FILE` is enough; what the command line says wins
over the file, routes and variables name by name. A [matrix] is run cell by cell.

Exit codes: 0 all expectations hold; 1 internal error; 2 usage; 3 the agent fails without faults;
4 an expectation failed; 5 inconclusive, or no fault delivered; 6 interrupted; 7 daemon unreachable.)";

// CLI11 knows nothing of what follows `--`.
class UsageFormatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app, std::string name) const override {
    if (app->get_name() != "run") return CLI::Formatter::make_usage(app, name);
    return "Usage: murphy run [SCENARIO] [--fault FAULT]… [OPTIONS] [-- CMD…]\n"
           "       murphy run list|show\n";
  }
};

// An option that takes one text each time that it is given.
void AddTexts(CLI::App& app, const char* name, const char* word, std::vector<std::string>& texts,
              const char* description) {
  app.add_option(name, texts, description)
      ->option_text(word)
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
}

}  // namespace

void AddRun(CLI::App& app, Commands& commands) {
  CLI::App* run = app.add_subcommand("run", "Run an agent under faults and report who recovered");
  const auto options = std::make_shared<RunOptions>();
  RunFlags& flags = options->flags;
  run->formatter(std::make_shared<UsageFormatter>());
  run->footer(kFooter);
  run->add_option("scenario", options->scenario, "Scenario file")->option_text("SCENARIO");
  AddTexts(*run, "--fault", "FAULT", options->faults,
           "A fault, as 'rate_limit,target=model:gpt-*,first=2'; may be repeated");
  AddTexts(*run, "--expect", "EXPECT", options->expects,
           "What must hold, as 'bounded_retries,at_most=3' (`murphy expectations` lists them); may "
           "be repeated");
  run->add_option("--runs", flags.runs, "Runs of the agent, of each arm")
      ->option_text("N")
      ->check(CLI::Range(1, 100'000));
  run->add_option("--parallel", flags.parallel,
                  "So many runs at once; the same index draws the same whatever runs beside it")
      ->option_text("N")
      ->check(CLI::Range(1, 256));
  options->stop_early_option =
      run->add_flag("--stop-early,!--no-stop-early", options->stop_early,
                    "Begin no further run once the verdict is certain");
  run->add_option("--logs", options->logs,
                  "Where what the agents of many runs write is kept, a file a run (a folder in "
                  "the state directory); - lets them write here")
      ->option_text("DIR");
  run->add_option("--arms", flags.arms,
                  "treatment, shadow (evaluate the plan, inject nothing), or both for each index")
      ->option_text("ARM[,ARM]");
  run->add_option("--seed", flags.seed,
                  "Seed of every draw; overrides the scenario's")
      ->option_text("S")
      ->check(IsSeed);
  run->add_option("--run-index", options->first_index,
                  "Index of the first run; the same index draws the same")
      ->option_text("K");
  AddTexts(*run, "--route", "NAME=URL", flags.routes,
           "Send calls to MURPHY_ROUTE_<NAME> to this upstream; may be repeated");
  AddTexts(*run, "--set", "NAME=VALUE", options->params,
           "A parameter of the scenario instead of its default; may be repeated");
  AddTexts(*run, "--env", "NAME=VALUE", flags.env,
           "A variable of the agent, beside those that it inherits; may be repeated");
  run->add_option("--timeout", flags.timeout, "Longest time for one run of the agent (10m)")
      ->option_text("DURATION");
  run->add_option("--check", flags.check,
                  "Shell command that judges the result: exit 0 correct, 1 wrong, 2 partial; runs "
                  "after the faults, with the upstreams' own URLs")
      ->option_text("CMD");
  run->add_option("--baseline", flags.baseline,
                  "First so many runs without any fault (3 before many runs, else 0); stop when "
                  "all of them fail")
      ->option_text("N")
      ->check(CLI::Range(0, 1000));
  run->add_option("--exit-code", options->exit_code,
                  "Exit with the verdict or with the agent's own code")
      ->option_text("verdict|child")
      ->check(CLI::IsMember({"verdict", "child"}));
  CLI::Option* resume = run->add_option("--resume", options->resume,
                                        "Go on with an experiment that was interrupted, as it "
                                        "was begun")
                            ->option_text("EXPERIMENT");
  for (const char* other : {"scenario", "--fault", "--expect", "--runs", "--arms", "--seed",
                            "--run-index", "--baseline", "--stop-early", "--set"})
    resume->excludes(run->get_option(other));
  commands.Add(run, [options](const Console& console) { return Run(console, *options); });
  AddRunListing(*run, commands);
}

}  // namespace murphy::cli
