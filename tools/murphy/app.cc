// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/app.h"

#include <algorithm>
#include <exception>

#include "CLI/CLI.hpp"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/console.h"
#include "tools/murphy/exit_code.h"

namespace murphy::cli {
namespace {

constexpr const char* kDescription =
    "Murphy makes everything that can go wrong around an AI agent go wrong, on purpose and on the "
    "record.";
constexpr const char* kFooter = R"(Begin with:
  murphy explain                                               what can go wrong
  murphy run --fault 'rate_limit,first=2' -- python agent.py   make it go wrong
  murphy run scenario.toml --runs 20 -- python agent.py        often enough to know)";

// Options that every command takes, wherever they stand.
struct CommonOptions {
  std::string output = "table";
  bool quiet = false;
  DaemonOptions daemon;
};

void AddCommonOptions(CLI::App& app, CommonOptions& options) {
  const std::string group = "Common options";
  app.add_option("-o,--output", options.output, "table, json, jsonl; for `run` also junit")
      ->option_text("FORMAT")
      ->check(CLI::IsMember({"table", "json", "jsonl", "junit"}))
      ->group(group);
  app.add_flag("-q,--quiet", options.quiet, "No progress, and the verdict only")->group(group);
  app.add_option("--daemon", options.daemon.address,
                 "unix:PATH or HOST:PORT of murphyd (MURPHY_DAEMON)")
      ->option_text("ADDRESS")
      ->group(group);
  app.add_option("--token-file", options.daemon.token_file,
                 "Token for HOST:PORT (MURPHY_TOKEN_FILE)")
      ->option_text("FILE")
      ->group(group);
  app.add_option("--approval-file", options.daemon.approval_file,
                 "Token of an approver, where one is required (MURPHY_APPROVAL_FILE)")
      ->option_text("FILE")
      ->group(group);
  app.add_option("--state-dir", options.daemon.state_directory,
                 "Where a local murphyd is found (MURPHY_STATE_DIR)")
      ->option_text("DIR")
      ->group(group);
  for (CLI::App* inner : app.get_subcommands(std::function<bool(CLI::App*)>())) {
    AddCommonOptions(*inner, options);
  }
}

Format FormatNamed(const std::string& name) {
  if (name == "json") return Format::kJson;
  if (name == "jsonl") return Format::kJsonl;
  if (name == "junit") return Format::kJunit;
  return Format::kTable;
}

void AddCommands(CLI::App& app, Commands& commands) {
  AddRun(app, commands);
  AddPlan(app, commands);
  AddNew(app, commands);
  AddExplain(app, commands);
  AddExpectations(app, commands);
  AddInject(app, commands);
  AddFault(app, commands);
  AddSafety(app, commands);
  AddAudit(app, commands);
  AddWatch(app, commands);
  AddExperiment(app, commands);
  AddSchedule(app, commands);
  AddJournal(app, commands);
  AddCompletion(app, commands);
  // One command only: the `status` of `explain status` is then the fault, not a second command.
  app.require_subcommand(0, 1);
}

Console MakeConsole(const Surroundings& surroundings, const CommonOptions& options) {
  const Environment& environment = surroundings.environment;
  const bool plain = !Get(environment, "NO_COLOR").empty() || Get(environment, "TERM") == "dumb";
  return {.out = surroundings.out,
          .errors = surroundings.errors,
          .environment = environment,
          .color = surroundings.out_is_terminal && !plain,
          .live = surroundings.errors_are_terminal && !plain,
          .format = FormatNamed(options.output),
          .quiet = options.quiet,
          .daemon = options.daemon};
}

int Perform(const Action& action, const Console& console) {
  try {
    return action(console);
  } catch (const Failure& failure) {
    console.errors << failure.text << std::endl;
    return static_cast<int>(failure.code);
  } catch (const std::exception& exception) {
    console.errors << "murphy failed: " << exception.what() << std::endl;
    return static_cast<int>(ExitCode::kInternal);
  }
}

}  // namespace

int RunMurphy(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  CLI::App app(kDescription, "murphy");
  app.footer(kFooter);
  app.set_version_flag("--version", "murphy " MURPHY_VERSION);
  Commands commands;
  AddCommands(app, commands);
  CommonOptions options;
  AddCommonOptions(app, options);

  // The agent's own words are cut off before anything could take them for ours.
  const auto separator = std::find(arguments.begin(), arguments.end(), "--");
  std::vector<std::string> own(arguments.begin(), separator);
  std::reverse(own.begin(), own.end());
  try {
    app.parse(own);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, surroundings.out, surroundings.errors);
    return static_cast<int>(code == 0 ? ExitCode::kOk : ExitCode::kUsage);
  }
  Console console = MakeConsole(surroundings, options);
  if (separator != arguments.end()) console.command.assign(separator + 1, arguments.end());
  const Action* action = commands.Parsed();
  if (action == nullptr) {
    surroundings.errors << app.help();
    return static_cast<int>(ExitCode::kUsage);
  }
  return Perform(*action, console);
}

}  // namespace murphy::cli
