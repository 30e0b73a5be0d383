// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <memory>

#include "fmt/format.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/commands/events.h"
#include "tools/murphy/commands/listing.h"
#include "tools/murphy/commands/runs.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/pages.h"
#include "tools/murphy/render/text.h"
#include "tools/murphy/report/statistics.h"

namespace murphy::cli {
namespace {

constexpr uint32_t kMostShown = 1000;

struct Options {
  uint32_t limit = kDefaultLimit;
  std::string id;
  std::string after;
  bool fail_on_regression = false;
};

v1::Statistics StatisticsOf(const Daemon& daemon, const std::string& id) {
  v1::GetStatisticsRequest request;
  request.set_experiment(id);
  return daemon.Call(daemon.analyses, &v1::AnalysisService::Stub::GetStatistics, request)
      .statistics();
}

Columns ExperimentTable(const std::vector<v1::Experiment>& experiments) {
  Columns table;
  table.Head({"id", "scenario", "seed", "begin", "verdict", "reason"});
  for (const v1::Experiment& experiment : experiments) {
    const std::string verdict = NameOf(experiment.conclusion().verdict());
    table.Row({{experiment.id(), Tone::kStrong},
               {experiment.scenario().name()},
               {std::to_string(experiment.seed())},
               {ShowTime(experiment.begin_time())},
               {verdict.empty() ? "open" : verdict},
               {Shorten(experiment.conclusion().reason(), 90)}});
  }
  return table;
}

std::vector<v1::Experiment> ListExperiments(const Daemon& daemon, uint32_t limit) {
  return Pages<v1::Experiment>(
      v1::ListExperimentsRequest(), limit, [&daemon](const v1::ListExperimentsRequest& page) {
        auto response =
            daemon.Call(daemon.experiments, &v1::ExperimentService::Stub::ListExperiments, page);
        return std::pair(std::move(*response.mutable_experiments()), response.next_page_token());
      });
}

// `last` is the newest, `last~1` the one before it; anything else is an id.
std::string IdOf(const Daemon& daemon, const std::string& word) {
  uint32_t back = 0;
  if (!word.starts_with("last")) return word;
  const std::string_view rest = std::string_view(word).substr(std::string_view("last").size());
  const char* const end = rest.data() + rest.size();
  const bool counted = rest.starts_with("~") && rest.size() > 1 &&
                       std::from_chars(rest.data() + 1, end, back).ptr == end;
  if ((!rest.empty() && !counted) || back > kMostShown)
    throw Failure(
        ExitCode::kUsage,
        fmt::format("`{}`: write an experiment's id, `last`, or `last~N` for the N-th before it.",
                    word));
  const auto experiments = ListExperiments(daemon, back + 1);
  if (experiments.size() <= back)
    throw Failure(ExitCode::kUsage, fmt::format("`{}`: there are {}.", word,
                                                Plural(experiments.size(), "experiment")));
  return experiments[back].id();
}

int Experiments(const Console& console, uint32_t limit) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  const auto experiments = ListExperiments(daemon, limit);
  PrintList(console, "murphy.experiments/v1", "experiments", experiments,
            ExperimentTable(experiments));
  return static_cast<int>(ExitCode::kOk);
}

int ShowExperiment(const Console& console, const std::string& word) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  const std::string id = IdOf(daemon, word);
  v1::GetExperimentRequest request;
  request.set_id(id);
  const auto response =
      daemon.Call(daemon.experiments, &v1::ExperimentService::Stub::GetExperiment, request);
  PrintOne(console, "murphy.experiment/v1", response.experiment(),
           ExperimentTable({response.experiment()}));
  if (console.format == Format::kTable) {
    console.out << "\n" << RunTable(ListRuns(daemon, id, kMostShown)).Render(console.color);
    console.out << "\n" << StatisticsTable(StatisticsOf(daemon, id)).Render(console.color);
  }
  return static_cast<int>(ExitCode::kOk);
}

int Statistics(const Console& console, const std::string& word) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  const v1::Statistics statistics = StatisticsOf(daemon, IdOf(daemon, word));
  PrintOne(console, "murphy.statistics/v1", statistics, StatisticsTable(statistics));
  return static_cast<int>(ExitCode::kOk);
}

int Diff(const Console& console, const Options& options) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  v1::CompareExperimentsRequest request;
  request.set_before(IdOf(daemon, options.id));
  request.set_after(IdOf(daemon, options.after));
  const auto comparison =
      daemon.Call(daemon.analyses, &v1::AnalysisService::Stub::CompareExperiments, request);
  PrintOne(console, "murphy.comparison/v1", comparison, ChangesTable(comparison));
  if (console.format == Format::kTable) {
    for (const std::string& doubt : comparison.doubts())
      console.out << "! " << Printable(doubt) << "\n";
  }
  const bool failed = options.fail_on_regression && HasRegression(comparison);
  return static_cast<int>(failed ? ExitCode::kViolated : ExitCode::kOk);
}

}  // namespace

void AddExperiment(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<Options>();
  CLI::App* experiment = app.add_subcommand("experiment", "List experiments");
  commands.Add(experiment,
               [](const Console& console) { return Experiments(console, kDefaultLimit); });
  CLI::App* list = experiment->add_subcommand("list", "List experiments, newest first");
  AddLimit(list, options->limit);
  commands.Add(list,
               [options](const Console& console) { return Experiments(console, options->limit); });
  CLI::App* show = experiment->add_subcommand("show", "Show one and its runs");
  show->add_option("id", options->id, "Its id, `last`, or `last~N`")->option_text("ID")->required();
  commands.Add(show,
               [options](const Console& console) { return ShowExperiment(console, options->id); });
  CLI::App* statistics = experiment->add_subcommand(
      "statistics", "Say what its runs come to together, each figure with its uncertainty");
  statistics->add_option("id", options->id, "Its id, `last`, or `last~N`")
      ->option_text("ID")
      ->required();
  commands.Add(statistics,
               [options](const Console& console) { return Statistics(console, options->id); });
  CLI::App* diff = experiment->add_subcommand(
      "diff", "Say what is worse in one than in another, as far as the runs support it");
  diff->add_option("before", options->id, "The one to compare with: its id, `last`, or `last~N`")
      ->option_text("ID")
      ->required();
  diff->add_option("after", options->after, "The one that may be worse")
      ->option_text("ID")
      ->required();
  diff->add_flag("--fail-on-regression", options->fail_on_regression,
                 "End with exit code 4 where something is worse");
  commands.Add(diff, [options](const Console& console) { return Diff(console, *options); });
}

}  // namespace murphy::cli
