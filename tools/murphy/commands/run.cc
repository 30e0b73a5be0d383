// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <sstream>

#include "fmt/format.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/experiment.h"
#include "tools/murphy/report/writers.h"

namespace murphy::cli {
namespace {

struct RunOptions {
  ExperimentOptions experiment;
  std::vector<std::string> routes;
  std::string timeout;
  std::string exit_code = "verdict";
  std::string arms = "treatment";
};

std::vector<v1::Arm> ParseArms(const std::string& text) {
  std::vector<v1::Arm> arms;
  std::istringstream names(text + ",");
  for (std::string name; std::getline(names, name, ',');) {
    const v1::Arm arm = name == "shadow"      ? v1::ARM_SHADOW
                        : name == "treatment" ? v1::ARM_TREATMENT
                                              : v1::ARM_UNSPECIFIED;
    if (arm == v1::ARM_UNSPECIFIED || std::find(arms.begin(), arms.end(), arm) != arms.end()) {
      throw Failure(
          ExitCode::kUsage,
          fmt::format("--arms {}: write treatment, shadow, or both with a comma between.", text));
    }
    arms.push_back(arm);
  }
  return arms;
}

std::map<std::string, std::string> ParseRoutes(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> routes;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const bool named =
        !name.empty() &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
    const std::string upstream = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (!named || !(upstream.starts_with("http://") || upstream.starts_with("https://"))) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("--route {}: write NAME=URL, as payments=http://127.0.0.1:9000; a "
                                "name has a-z, 0-9, - and _.",
                                text));
    }
    if (!routes.emplace(name, upstream).second) {
      throw Failure(ExitCode::kUsage, fmt::format("--route names {} twice.", name));
    }
  }
  return routes;
}

ExperimentOptions Complete(const RunOptions& options, const Console& console) {
  ExperimentOptions experiment = options.experiment;
  experiment.invocation.command = console.command;
  experiment.invocation.timeout = options.timeout;
  experiment.invocation.routes = ParseRoutes(options.routes);
  experiment.arms = ParseArms(options.arms);
  const bool resumes = !experiment.resume.empty();
  if (console.command.empty() && !resumes) {
    throw Failure(ExitCode::kUsage,
                  "Say what to run after `--`, as in: murphy run --fault 'rate_limit,first=2' -- "
                  "python agent.py");
  }
  if (!options.timeout.empty()) {
    const std::optional<Milliseconds> timeout = ParseDuration(options.timeout);
    if (!timeout || timeout->count() == 0) {
      throw Failure(ExitCode::kUsage,
                    fmt::format("--timeout {}: write a duration with its unit, as 90s or 10m.",
                                options.timeout));
    }
    experiment.timeout = *timeout;
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

int Run(const Console& console, const RunOptions& options) {
  ExperimentOptions experiment = Complete(options, console);
  experiment.approval_token = ApprovalToken(console.daemon, console.environment);
  // A file that cannot be read must not start a daemon first.
  if (experiment.resume.empty())
    ReadScenario(experiment.invocation.scenario, experiment.invocation.faults,
                 experiment.invocation.expects);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  const ExperimentResult result =
      RunExperiment(console, daemon, experiment, [&console](const RunRecord& record) {
        if (console.format == Format::kJsonl) console.out << WriteRunLine(record) << std::flush;
      });
  Print(console, result.report);
  const ExitCode code = Judge(result.report);
  const bool ran = code != ExitCode::kBaseline && code != ExitCode::kInterrupted;
  return options.exit_code == "child" && ran ? result.child_exit_code : static_cast<int>(code);
}

constexpr const char* kFooter =
    R"(What follows `--` is run as the agent. It gets the base-URL variables of the model SDKs,
MURPHY_ROUTE_<NAME> for each --route, MURPHY_RUN, MURPHY_GATEWAY, and MURPHY_REPORT_FILE, where it may
write {"task": "correct|partial|wrong|none", "disclosed": …, "escalated": …, "note": …}.
The checker may write there, too, and say how many effects the end state shows: {"effects": {TARGET: N}}.
It has the gateway's URLs as MURPHY_VIA_<VARIABLE>, the agent's report as MURPHY_AGENT_REPORT_FILE and its
exit code as MURPHY_AGENT_EXIT_CODE.
With -o json, jsonl or junit its standard output goes to standard error.

Exit codes: 0 all expectations hold; 1 internal error; 2 usage; 3 the agent fails without faults;
4 an expectation failed; 5 inconclusive, or no fault delivered; 6 interrupted; 7 daemon unreachable.)";

// CLI11 knows nothing of what follows `--`.
class UsageFormatter : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App* app, std::string name) const override {
    if (app->get_name() != "run") return CLI::Formatter::make_usage(app, name);
    return "Usage: murphy run [SCENARIO] [--fault FAULT]… [OPTIONS] -- CMD…\n"
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
  Invocation& invocation = options->experiment.invocation;
  run->formatter(std::make_shared<UsageFormatter>());
  run->footer(kFooter);
  run->add_option("scenario", invocation.scenario, "Scenario file")->option_text("SCENARIO");
  AddTexts(*run, "--fault", "FAULT", invocation.faults,
           "A fault, as 'rate_limit,target=model:gpt-*,first=2'; may be repeated");
  AddTexts(*run, "--expect", "EXPECT", invocation.expects,
           "What must hold, as 'bounded_retries,at_most=3' (`murphy expectations` lists them); may "
           "be repeated");
  run->add_option("--runs", options->experiment.runs, "Runs of the agent, of each arm")
      ->option_text("N")
      ->check(CLI::Range(1, 100'000));
  run->add_option("--parallel", options->experiment.parallel,
                  "So many runs at once; the same index draws the same whatever runs beside it")
      ->option_text("N")
      ->check(CLI::Range(1, 256));
  run->add_flag("--stop-early", options->experiment.stop_early,
                "Begin no further run once the verdict is certain");
  run->add_option("--logs", options->experiment.logs,
                  "Where what the agents of many runs write is kept, a file a run (a folder in "
                  "the state directory); - lets them write here")
      ->option_text("DIR");
  run->add_option("--arms", options->arms,
                  "treatment, shadow (evaluate the plan, inject nothing), or both for each index")
      ->option_text("ARM[,ARM]");
  run->add_option("--seed", options->experiment.seed,
                  "Seed of every draw; overrides the scenario's")
      ->option_text("S")
      ->check(IsSeed);
  run->add_option("--run-index", options->experiment.first_index,
                  "Index of the first run; the same index draws the same")
      ->option_text("K");
  AddTexts(*run, "--route", "NAME=URL", options->routes,
           "Send calls to MURPHY_ROUTE_<NAME> to this upstream; may be repeated");
  run->add_option("--timeout", options->timeout, "Longest time for one run of the agent (10m)")
      ->option_text("DURATION");
  run->add_option("--check", invocation.check,
                  "Shell command that judges the result: exit 0 correct, 1 wrong, 2 partial; runs "
                  "after the faults, with the upstreams' own URLs")
      ->option_text("CMD");
  run->add_option("--baseline", options->experiment.baseline,
                  "First so many runs without any fault (3 before many runs, else 0); stop when "
                  "all of them fail")
      ->option_text("N")
      ->check(CLI::Range(0, 1000));
  run->add_option("--exit-code", options->exit_code,
                  "Exit with the verdict or with the agent's own code")
      ->option_text("verdict|child")
      ->check(CLI::IsMember({"verdict", "child"}));
  CLI::Option* resume = run->add_option("--resume", options->experiment.resume,
                                        "Go on with an experiment that was interrupted, as it "
                                        "was begun")
                            ->option_text("EXPERIMENT");
  for (const char* other : {"scenario", "--fault", "--expect", "--runs", "--arms", "--seed", "--run-index",
                            "--baseline", "--stop-early"})
    resume->excludes(run->get_option(other));
  commands.Add(run, [options](const Console& console) { return Run(console, *options); });
  AddRunListing(*run, commands);
}

}  // namespace murphy::cli
