// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "fmt/format.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/commands/listing.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/pages.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {
namespace {

constexpr size_t kWidestRequest = 60;

Columns AuditTable(const std::vector<v1::AuditEntry>& entries) {
  Columns table;
  table.Row({{"#", Tone::kFaint},
             {"time", Tone::kFaint},
             {"who", Tone::kFaint},
             {"call", Tone::kFaint},
             {"result", Tone::kFaint},
             {"why", Tone::kFaint},
             {"what", Tone::kFaint}});
  for (const v1::AuditEntry& entry : entries) {
    const bool ok = entry.result() == "OK";
    std::string request = entry.request();
    if (request.size() > kWidestRequest) request = request.substr(0, kWidestRequest) + "…";
    table.Row({{std::to_string(entry.sequence())},
               {ShowTime(entry.time())},
               {entry.actor().empty() ? entry.peer() : entry.actor()},
               {entry.call()},
               {entry.result(), ok ? Tone::kGood : Tone::kBad},
               {entry.reason()},
               {request, Tone::kFaint}});
  }
  return table;
}

int List(const Console& console, uint32_t limit) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  const auto entries = Pages<v1::AuditEntry>(
      v1::ListAuditEntriesRequest(), limit, [&daemon](const v1::ListAuditEntriesRequest& page) {
        auto response = daemon.Call(daemon.audit, &v1::AuditService::Stub::ListAuditEntries, page);
        return std::pair(std::move(*response.mutable_entries()), response.next_page_token());
      });
  PrintList(console, "murphy.audit/v1", "entries", entries, AuditTable(entries));
  return static_cast<int>(ExitCode::kOk);
}

int Verify(const Console& console, const std::string& head) {
  RequireListFormat(console);
  const Daemon daemon = FindOrSpawnDaemon(console.daemon, console.environment);
  v1::VerifyAuditRequest request;
  request.set_head(head);
  const auto verified = daemon.Call(daemon.audit, &v1::AuditService::Stub::VerifyAudit, request,
                                    std::chrono::minutes(10));
  Columns said;
  if (verified.intact()) {
    said.Row({{fmt::format("Intact: {}, none changed, removed or reordered.",
                           Plural(verified.entries(), "record")),
               Tone::kGood}});
  } else {
    said.Row({{fmt::format("TAMPERED WITH: {}.", Plural(verified.problems_size(), "problem")),
               Tone::kBad}});
  }
  for (const std::string& problem : verified.problems()) said.Row({{problem}});
  if (!verified.head().empty())
    said.Row({{"head " + verified.head() + " (note it elsewhere; --head checks it later)",
               Tone::kFaint}});
  PrintOne(console, "murphy.audit-check/v1", verified, said);
  return static_cast<int>(verified.intact() ? ExitCode::kOk : ExitCode::kViolated);
}

}  // namespace

void AddAudit(CLI::App& app, Commands& commands) {
  CLI::App* audit = app.add_subcommand("audit", "Who changed what, when and why");
  audit->require_subcommand(1);
  const auto limit = std::make_shared<uint32_t>(50);
  CLI::App* list = audit->add_subcommand("list", "List entries, newest first");
  list->add_option("--limit", *limit, "Most entries (50)")->option_text("N");
  commands.Add(list, [limit](const Console& console) { return List(console, *limit); });
  const auto head = std::make_shared<std::string>();
  CLI::App* verify = audit->add_subcommand("verify", "Check that nothing in the log was changed");
  verify->add_option("--head", *head, "A head that was noted earlier")->option_text("NUMBER:HASH");
  commands.Add(verify, [head](const Console& console) { return Verify(console, *head); });
}

}  // namespace murphy::cli
