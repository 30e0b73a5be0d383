// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "fmt/format.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/commands/listing.h"
#include "tools/murphy/experiment.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {
namespace {

struct PlanOptions {
  std::string scenario;
  std::vector<std::string> faults;
  std::vector<std::string> expects;
  std::optional<uint64_t> seed;
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

int Plan(const Console& console, const PlanOptions& options) {
  RequireListFormat(console);
  if (options.scenario.empty() && options.faults.empty()) {
    throw Failure(ExitCode::kUsage, "Name a scenario file or a --fault.");
  }
  v1::CreateExperimentRequest request;
  request.set_validate_only(true);
  *request.mutable_source() = 
      ReadScenario(options.scenario, options.faults, options.expects);
  if (options.seed) request.set_seed(*options.seed);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  const auto response =
      daemon.Call(daemon.experiments, &v1::ExperimentService::Stub::CreateExperiment, request);
  if (console.format == Format::kTable) {
    console.out << PlanText(console, response);
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
  plan->add_option("--seed", options->seed, "Seed of every draw")->option_text("S")->check(IsSeed);
  commands.Add(plan, [options](const Console& console) { return Plan(console, *options); });
}

}  // namespace murphy::cli
