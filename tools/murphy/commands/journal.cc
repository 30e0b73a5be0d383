// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <memory>

#include "fmt/format.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/commands/events.h"
#include "tools/murphy/commands/listing.h"
#include "tools/murphy/commands/pages.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {
namespace {

constexpr uint32_t kMaxExchanges = 10'000'000;
constexpr std::string_view kJournalSchema = "murphy.journal/v1";

std::vector<v1::Exchange> ListExchanges(const Daemon& daemon, const std::string& run) {
  v1::ListExchangesRequest request;
  request.set_run(run);
  return Pages<v1::Exchange>(
      request, kMaxExchanges, [&daemon](const v1::ListExchangesRequest& page) {
        auto response = daemon.Call(daemon.journal, &v1::JournalService::Stub::ListExchanges, page);
        return std::pair(std::move(*response.mutable_exchanges()), response.next_page_token());
      });
}

std::vector<v1::Injection> ListInjections(const Daemon& daemon, const std::string& run) {
  v1::ListInjectionsRequest request;
  request.set_run(run);
  const auto response =
      daemon.Call(daemon.journal, &v1::JournalService::Stub::ListInjections, request);
  return {response.injections().begin(), response.injections().end()};
}

int Exchanges(const Console& console, const std::string& run) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  const std::vector<v1::Exchange> exchanges = ListExchanges(daemon, run);
  PrintList(console, "murphy.exchanges/v1", "exchanges", exchanges, ExchangeTable(exchanges));
  return static_cast<int>(ExitCode::kOk);
}

int Injections(const Console& console, const std::string& run) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  const std::vector<v1::Injection> injections = ListInjections(daemon, run);
  PrintList(console, "murphy.injections/v1", "injections", injections, InjectionTable(injections));
  return static_cast<int>(ExitCode::kOk);
}

void ExportLine(const Console& console, std::string_view key,
                const google::protobuf::Message& message) {
  boost::json::object object;
  object[key] = ToJson(message);
  console.out << Line(kJournalSchema, object);
}

// A line each, in the shape of the events of Watch: the run, then its exchanges, then its
// injections.
int Export(const Console& console, const std::string& run) {
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  v1::GetRunRequest request;
  request.set_id(run);
  ExportLine(console, "run",
             daemon.Call(daemon.runs, &v1::RunService::Stub::GetRun, request).run());
  for (const v1::Exchange& exchange : ListExchanges(daemon, run))
    ExportLine(console, "exchange", exchange);
  for (const v1::Injection& injection : ListInjections(daemon, run))
    ExportLine(console, "injection", injection);
  return static_cast<int>(ExitCode::kOk);
}

std::string Verdict(const v1::ReplayRunResponse& replayed) {
  const std::string exchanges = Plural(replayed.exchanges(), "exchange");
  if (replayed.same()) {
    return fmt::format("Same: {} decided again, {} as recorded.", exchanges,
                       Plural(replayed.injections(), "injection"));
  }
  return fmt::format("DIFFERENT: {} decided again, {}.", exchanges,
                     Plural(replayed.difference_count(), "difference"));
}

// Decides a run again from its record.
int Replay(const Console& console, const std::string& run) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  v1::ReplayRunRequest request;
  request.set_run(run);
  const auto replayed = daemon.Call(daemon.journal, &v1::JournalService::Stub::ReplayRun, request,
                                    std::chrono::minutes(10));
  Columns said;
  said.Row({{Verdict(replayed), replayed.same() ? Tone::kGood : Tone::kBad}});
  for (const std::string& difference : replayed.differences()) said.Row({{difference}});
  const uint64_t rest = replayed.difference_count() - replayed.differences_size();
  if (rest > 0) said.Row({{fmt::format("and {} more", rest), Tone::kFaint}});
  if (replayed.one_off_injections() > 0) {
    said.Row({{fmt::format("{} of faults that were armed on the run: no part of its scenario, not "
                           "decided again.",
                           Plural(replayed.one_off_injections(), "injection")),
               Tone::kFaint}});
  }
  PrintOne(console, "murphy.replay/v1", replayed, said);
  return static_cast<int>(replayed.same() ? ExitCode::kOk : ExitCode::kViolated);
}

}  // namespace

void AddJournal(CLI::App& app, Commands& commands) {
  CLI::App* journal = app.add_subcommand("journal", "What happened in a run");
  journal->require_subcommand(1);
  const auto run = std::make_shared<std::string>();
  const auto add = [&](const char* name, const char* description,
                       int (*action)(const Console&, const std::string&)) {
    CLI::App* command = journal->add_subcommand(name, description);
    command->add_option("run", *run, "Run")->option_text("RUN")->required();
    commands.Add(command, [run, action](const Console& console) { return action(console, *run); });
  };
  add("exchanges", "List its exchanges", Exchanges);
  add("injections", "List its injections", Injections);
  add("replay", "Decide it again from its record, and compare", Replay);
  add("export", "Write everything about it as JSON lines", Export);
}

}  // namespace murphy::cli
