// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <utility>

#include "fmt/format.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/commands/listing.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/render/rehearsal.h"
#include "tools/murphy/render/text.h"
#include "tools/murphy/source.h"

namespace murphy::cli {
namespace {

struct PlanOptions {
  std::string scenario;
  std::vector<std::string> faults;
  std::vector<std::string> params;
  std::vector<std::string> expects;
  std::optional<uint64_t> seed;
  std::string against;
  uint32_t run_index = 0;
};

std::string PlanText(const Console& console, const v1::CreateExperimentResponse& response) {
  const v1::PlanSummary& plan = response.plan();
  std::string out;
  const std::string& name = response.experiment().scenario().name();
  if (!name.empty()) out += Paint(Printable(name), Tone::kStrong, console.color) + "\n";
  Columns rules(2);
  rules.Head({"rule", "matches in the last hour"});
  for (int i = 0; i < plan.rules_size(); ++i) {
    rules.Row({{plan.rules(i)},
               {i < plan.recent_matches_size() ? ShowCount(plan.recent_matches(i)) : ""}});
  }
  out += rules.Render(console.color);
  out += plan.reproducible()
             ? Paint("reproducible", Tone::kGood, console.color) +
                   ": the same seed gives the same injections to calls in the same order\n"
             : Paint("timing-dependent", Tone::kWarning, console.color) + "\n";
  for (const std::string& reason : plan.timing_dependencies())
    out += "  " + Printable(reason) + "\n";
  for (const std::string& warning : plan.warnings()) {
    out += Paint("warning", Tone::kWarning, console.color) + ": " + Printable(warning) + "\n";
  }
  return out;
}

// Of a matrix every cell is checked, and the first one is told.
v1::CreateExperimentResponse Checked(const Daemon& daemon, const SourceReading& reading,
                                     const std::optional<uint64_t>& seed) {
  if (reading.said.cells().empty()) return Validate(daemon, reading.source, seed);
  std::optional<v1::CreateExperimentResponse> first;
  for (const v1::Cell& cell : reading.said.cells()) {
    v1::CreateExperimentResponse response = Validate(daemon, reading.source, cell);
    if (!first) first = std::move(response);
  }
  return *std::move(first);
}

std::string MatrixText(const v1::ReadScenarioResponse& said) {
  if (said.cells().empty()) return {};
  std::string out = fmt::format("{}; this is the first\n", Plural(said.cells_size(), "cell"));
  Columns cells(2);
  for (const v1::Cell& cell : said.cells())
    cells.Row({{Printable(ShowCell(cell))}, {fmt::format("seed {}", cell.seed()), Tone::kFaint}});
  return out + cells.Render(false);
}

// Played against a run that is on record. Of a matrix, the first cell.
int Rehearse(const Console& console, const Daemon& daemon, const SourceReading& reading,
             const PlanOptions& options) {
  v1::RehearseScenarioRequest request;
  *request.mutable_source() = reading.source;
  if (!reading.said.cells().empty()) {
    *request.mutable_source() = WithCell(reading.source, reading.said.cells(0));
    request.set_seed(reading.said.cells(0).seed());
  } else if (options.seed) {
    request.set_seed(*options.seed);
  }
  request.set_run(options.against);
  request.set_run_index(options.run_index);
  const auto response =
      daemon.Call(daemon.experiments, &v1::ExperimentService::Stub::RehearseScenario, request);
  if (console.format == Format::kTable) {
    console.out << WriteRehearsal(response, console.color) << MatrixText(reading.said);
  } else {
    PrintOne(console, "murphy.rehearsal/v1", response, Columns());
  }
  return static_cast<int>(ExitCode::kOk);
}

int Plan(const Console& console, const PlanOptions& options) {
  RequireListFormat(console);
  if (options.scenario.empty() && options.faults.empty()) {
    throw Failure(ExitCode::kUsage, "Name a scenario file or a --fault.");
  }
  v1::ScenarioSource source = ReadScenario(options.scenario, options.faults, options.expects);
  for (const auto& [name, value] : ParseAssignments("--set", options.params))
    (*source.mutable_params())[name] = value;
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  const SourceReading reading = Complete(daemon, std::move(source), options.seed);
  if (!options.against.empty()) return Rehearse(console, daemon, reading, options);
  const v1::CreateExperimentResponse response = Checked(daemon, reading, options.seed);
  if (console.format == Format::kTable) {
    console.out << PlanText(console, response) << MatrixText(reading.said);
  } else {
    PrintOne(console, "murphy.plan/v1", response, Columns());
  }
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

void AddPlan(CLI::App& app, Commands& commands) {
  CLI::App* plan =
      app.add_subcommand("plan", "Check a scenario and say what it would do; nothing is injected");
  const auto options = std::make_shared<PlanOptions>();
  plan->add_option("scenario", options->scenario, "Scenario file")->option_text("SCENARIO");
  plan->add_option("--fault", options->faults, "A fault; may be repeated")
      ->option_text("FAULT")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  plan->add_option("--expect", options->expects, "What must hold; may be repeated")
      ->option_text("EXPECT")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  plan->add_option("--set", options->params,
                   "A parameter of the scenario instead of its default; may be repeated")
      ->option_text("NAME=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  plan->add_option("--seed", options->seed, "Seed of every draw")->option_text("S")->check(IsSeed);
  plan->add_option("--against", options->against,
                   "A run on record: what would have fired where, without an agent")
      ->option_text("RUN");
  plan->add_option("--run-index", options->run_index, "With --against: index that is drawn for (0)")
      ->option_text("K");
  commands.Add(plan, [options](const Console& console) { return Plan(console, *options); });
}

}  // namespace murphy::cli
