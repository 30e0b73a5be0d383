// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/commands/events.h"
#include "tools/murphy/commands/listing.h"
#include "tools/murphy/commands/since.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/json_line.h"
#include "tools/murphy/pages.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {
namespace {

constexpr std::string_view kExchangesSchema = "murphy.exchanges/v1";
constexpr std::string_view kJournalSchema = "murphy.journal/v1";
// Written at once: a line for each record would be a call to the system for each.
constexpr size_t kBuffer = 1 << 16;

struct Selection {
  std::string run;
  uint32_t limit = kEverything;
  std::string since;
};

// Calls `use` with each exchange. What cannot be read is said, and is no reason to stop.
template <typename Use>
void EachExchange(const Console& console, const Daemon& daemon, const Selection& selection,
                  const Use& use) {
  v1::ListExchangesRequest request;
  request.set_run(selection.run);
  if (!selection.since.empty()) *request.mutable_since() = ParseSince(selection.since);
  std::vector<uint64_t> damaged;
  const auto fetch = [&](const v1::ListExchangesRequest& page) {
    auto response = daemon.Call(daemon.journal, &v1::JournalService::Stub::ListExchanges, page);
    damaged.insert(damaged.end(), response.damaged().begin(), response.damaged().end());
    return std::pair(std::move(*response.mutable_exchanges()), response.next_page_token());
  };
  EachPage(request, selection.limit, fetch, use);
  if (!damaged.empty()) {
    console.errors << fmt::format(
        "murphy: {} of the journal cannot be read and {} left out: revision {}.\n",
        Plural(damaged.size(), "record"), damaged.size() == 1 ? "is" : "are",
        fmt::join(damaged.begin(), damaged.begin() + std::min<ptrdiff_t>(std::ssize(damaged), 5),
                  ", "));
  }
}

template <typename Use>
void EachInjection(const Daemon& daemon, const Selection& selection, const Use& use) {
  v1::ListInjectionsRequest request;
  request.set_run(selection.run);
  const auto fetch = [&](const v1::ListInjectionsRequest& page) {
    auto response = daemon.Call(daemon.journal, &v1::JournalService::Stub::ListInjections, page);
    return std::pair(std::move(*response.mutable_injections()), response.next_page_token());
  };
  EachPage(request, selection.limit, fetch, use);
}

// Lines as they come, so that a long run takes no memory.
class Lines {
 public:
  explicit Lines(std::ostream& out) : out_(out) {}
  ~Lines() { out_ << buffer_; }

  template <typename... Values>
  void Add(const Values&... values) {
    AppendLine(values..., buffer_);
    if (buffer_.size() < kBuffer) return;
    out_ << buffer_;
    buffer_.clear();
  }

 private:
  std::ostream& out_;
  std::string buffer_;
};

int Exchanges(const Console& console, const Selection& selection) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  if (console.format == Format::kJsonl) {
    Lines lines(console.out);
    EachExchange(console, daemon, selection,
                 [&lines](const v1::Exchange& exchange) { lines.Add(kExchangesSchema, exchange); });
    return static_cast<int>(ExitCode::kOk);
  }
  std::vector<v1::Exchange> exchanges;
  EachExchange(console, daemon, selection,
               [&exchanges](v1::Exchange& exchange) { exchanges.push_back(std::move(exchange)); });
  PrintList(console, kExchangesSchema, "exchanges", exchanges, ExchangeTable(exchanges));
  return static_cast<int>(ExitCode::kOk);
}

int Injections(const Console& console, const Selection& selection) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  std::vector<v1::Injection> injections;
  EachInjection(daemon, selection, [&injections](v1::Injection& injection) {
    injections.push_back(std::move(injection));
  });
  PrintList(console, "murphy.injections/v1", "injections", injections, InjectionTable(injections));
  return static_cast<int>(ExitCode::kOk);
}

// A line each, in the shape of the events of Watch: the run, then its exchanges, then its
// injections.
int Export(const Console& console, const Selection& selection) {
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  v1::GetRunRequest request;
  request.set_id(selection.run);
  Lines lines(console.out);
  lines.Add(kJournalSchema, std::string_view("run"),
            daemon.Call(daemon.runs, &v1::RunService::Stub::GetRun, request).run());
  EachExchange(console, daemon, selection, [&lines](const v1::Exchange& exchange) {
    lines.Add(kJournalSchema, std::string_view("exchange"), exchange);
  });
  EachInjection(daemon, selection, [&lines](const v1::Injection& injection) {
    lines.Add(kJournalSchema, std::string_view("injection"), injection);
  });
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
int Replay(const Console& console, const Selection& selection) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  v1::ReplayRunRequest request;
  request.set_run(selection.run);
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
  const auto selection = std::make_shared<Selection>();
  const auto add = [&](const char* name, const char* description,
                       int (*action)(const Console&, const Selection&)) {
    CLI::App* command = journal->add_subcommand(name, description);
    command->add_option("run", selection->run, "Run")->option_text("RUN")->required();
    commands.Add(command, [selection, action](const Console& console) {
      return action(console, *selection);
    });
    return command;
  };
  CLI::App* exchanges = add("exchanges", "List its exchanges", Exchanges);
  CLI::App* injections = add("injections", "List its injections", Injections);
  add("replay", "Decide it again from its record, and compare", Replay);
  add("export", "Write everything about it as JSON lines", Export);
  AddSince(exchanges, selection->since);
  for (CLI::App* list : {exchanges, injections}) {
    list->add_option("--limit", selection->limit, "Most entries (all)")
        ->option_text("N")
        ->check(CLI::Range(1, 1'000'000'000));
  }
}

}  // namespace murphy::cli
