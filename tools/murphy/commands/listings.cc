// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "fmt/format.h"
#include "google/protobuf/util/time_util.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/commands/events.h"
#include "tools/murphy/commands/listing.h"
#include "tools/murphy/commands/since.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/pages.h"
#include "tools/murphy/render/text.h"
#include "tools/murphy/report/report.h"

namespace murphy::cli {
namespace {

constexpr uint32_t kDefaultLimit = 50;

struct ListOptions {
  uint32_t limit = kDefaultLimit;
  std::string since;
  std::string experiment;
  std::string id;
};

std::vector<v1::Run> ListRuns(const Daemon& daemon, const std::string& experiment, uint32_t limit) {
  v1::ListRunsRequest request;
  request.set_experiment(experiment);
  return Pages<v1::Run>(request, limit, [&daemon](const v1::ListRunsRequest& page) {
    auto response = daemon.Call(daemon.runs, &v1::RunService::Stub::ListRuns, page);
    return std::pair(std::move(*response.mutable_runs()), response.next_page_token());
  });
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

int Experiments(const Console& console, uint32_t limit) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  const auto experiments = Pages<v1::Experiment>(
      v1::ListExperimentsRequest(), limit, [&daemon](const v1::ListExperimentsRequest& page) {
        auto response =
            daemon.Call(daemon.experiments, &v1::ExperimentService::Stub::ListExperiments, page);
        return std::pair(std::move(*response.mutable_experiments()), response.next_page_token());
      });
  PrintList(console, "murphy.experiments/v1", "experiments", experiments,
            ExperimentTable(experiments));
  return static_cast<int>(ExitCode::kOk);
}

int ShowExperiment(const Console& console, const std::string& id) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  v1::GetExperimentRequest request;
  request.set_id(id);
  const auto response =
      daemon.Call(daemon.experiments, &v1::ExperimentService::Stub::GetExperiment, request);
  PrintOne(console, "murphy.experiment/v1", response.experiment(),
           ExperimentTable({response.experiment()}));
  if (console.format == Format::kTable) {
    console.out << "\n" << RunTable(ListRuns(daemon, id, 1000)).Render(console.color);
  }
  return static_cast<int>(ExitCode::kOk);
}

int Runs(const Console& console, const ListOptions& options) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  std::vector<v1::Run> runs = ListRuns(daemon, options.experiment, options.limit);
  if (!options.since.empty()) {
    const google::protobuf::Timestamp since = ParseSince(options.since);
    std::erase_if(runs, [&since](const v1::Run& run) { return run.begin_time() < since; });
  }
  PrintList(console, "murphy.runs/v1", "runs", runs, RunTable(runs));
  return static_cast<int>(ExitCode::kOk);
}

std::string RunDetails(const v1::Run& run, bool color) {
  const v1::Outcome& outcome = run.outcome();
  std::string out = RunTable({run}).Render(color);
  if (!run.has_outcome()) return out;
  out += fmt::format("\n{}: {}\n", OutcomeWord(outcome), Printable(outcome.reason()));
  Columns expects(2);
  for (const v1::ExpectResult& result : outcome.expects()) {
    expects.Row({{result.vacuous() ? "–"
                  : result.held()  ? "✓"
                                   : "✗"},
                 {result.expect()},
                 {result.evidence()}});
  }
  out += expects.Render(color);
  for (const std::string& label : outcome.labels()) out += Printable(label) + "\n";
  return out + fmt::format("{}, {} delivered; murphy journal exchanges {}\n",
                           Plural(outcome.exchanges(), "exchange"),
                           Plural(outcome.delivered(), "fault"), run.id());
}

int ShowRun(const Console& console, const std::string& id) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  v1::GetRunRequest request;
  request.set_id(id);
  const auto response = daemon.Call(daemon.runs, &v1::RunService::Stub::GetRun, request);
  if (console.format == Format::kTable) {
    console.out << RunDetails(response.run(), console.color);
  } else {
    PrintOne(console, "murphy.run/v1", response.run(), Columns());
  }
  return static_cast<int>(ExitCode::kOk);
}

void AddLimit(CLI::App* list, const std::shared_ptr<ListOptions>& options) {
  list->add_option("--limit", options->limit, "Most entries (50)")
      ->option_text("N")
      ->check(CLI::Range(1, 1'000'000));
}

}  // namespace

void AddExperiment(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<ListOptions>();
  CLI::App* experiment = app.add_subcommand("experiment", "List experiments");
  commands.Add(experiment,
               [](const Console& console) { return Experiments(console, kDefaultLimit); });
  CLI::App* list = experiment->add_subcommand("list", "List experiments, newest first");
  AddLimit(list, options);
  commands.Add(list,
               [options](const Console& console) { return Experiments(console, options->limit); });
  CLI::App* show = experiment->add_subcommand("show", "Show one and its runs");
  show->add_option("id", options->id, "Its id")->option_text("ID")->required();
  commands.Add(show,
               [options](const Console& console) { return ShowExperiment(console, options->id); });
}

void AddRunListing(CLI::App& run, Commands& commands) {
  const auto options = std::make_shared<ListOptions>();
  CLI::App* list = run.add_subcommand("list", "List runs, newest first");
  AddLimit(list, options);
  AddSince(list, options->since);
  list->add_option("--experiment", options->experiment, "Only of this experiment")
      ->option_text("ID");
  commands.Add(list, [options](const Console& console) { return Runs(console, *options); });
  CLI::App* show = run.add_subcommand("show", "Show one run");
  show->add_option("id", options->id, "Its id")->option_text("ID")->required();
  commands.Add(show, [options](const Console& console) { return ShowRun(console, options->id); });
}

}  // namespace murphy::cli
