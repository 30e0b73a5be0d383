// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/commands/runs.h"

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

struct ListOptions {
  uint32_t limit = kDefaultLimit;
  std::string since;
  std::string experiment;
  std::string id;
};

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
  Columns probes(2);
  for (const v1::ProbeResult& probe : outcome.report().probes()) {
    const bool answered = probe.failure().empty();
    probes.Row({{probe.probe(), Tone::kStrong},
                {AsWords(NameOf(probe.moment())), Tone::kFaint},
                {Shorten(answered ? probe.answer() : probe.failure(), 90),
                 answered ? Tone::kPlain : Tone::kWarning}});
  }
  if (!probes.Empty()) out += "probes\n" + probes.Render(color);
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

}  // namespace

std::vector<v1::Run> ListRuns(const Daemon& daemon, const std::string& experiment, uint32_t limit) {
  v1::ListRunsRequest request;
  request.set_experiment(experiment);
  return Pages<v1::Run>(request, limit, [&daemon](const v1::ListRunsRequest& page) {
    auto response = daemon.Call(daemon.runs, &v1::RunService::Stub::ListRuns, page);
    return std::pair(std::move(*response.mutable_runs()), response.next_page_token());
  });
}

void AddLimit(CLI::App* list, uint32_t& limit) {
  list->add_option("--limit", limit, "Most entries (50)")
      ->option_text("N")
      ->check(CLI::Range(1, 1'000'000));
}

void AddRunListing(CLI::App& run, Commands& commands) {
  const auto options = std::make_shared<ListOptions>();
  CLI::App* list = run.add_subcommand("list", "List runs, newest first");
  AddLimit(list, options->limit);
  AddSince(list, options->since);
  list->add_option("--experiment", options->experiment, "Only of this experiment")
      ->option_text("ID");
  commands.Add(list, [options](const Console& console) { return Runs(console, *options); });
  CLI::App* show = run.add_subcommand("show", "Show one run");
  show->add_option("id", options->id, "Its id")->option_text("ID")->required();
  commands.Add(show, [options](const Console& console) { return ShowRun(console, options->id); });
}

}  // namespace murphy::cli
