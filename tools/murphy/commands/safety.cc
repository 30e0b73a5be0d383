// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "fmt/format.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/commands/listing.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/render/text.h"

namespace murphy::cli {
namespace {

void AddSchedules(const v1::ScheduleOverview& schedules, Columns& table) {
  std::string text = ShowCount(schedules.count());
  if (schedules.paused() > 0) text += fmt::format(", {} paused", ShowCount(schedules.paused()));
  if (schedules.has_next_start())
    text += fmt::format("; {} starts next, {}", schedules.next(), ShowTime(schedules.next_start()));
  table.Row({{"schedules", Tone::kFaint}, {text}});
  for (const v1::ScheduledExperiment& running : schedules.running()) {
    table.Row(
        {{"scheduled", Tone::kFaint},
         {fmt::format("{} runs experiment {} on {} since {}", running.schedule(),
                      running.experiment(), running.watches(), ShowTime(running.begin_time())),
          Tone::kWarning}});
  }
}

Columns StatusTable(const v1::GetStatusResponse& status) {
  Columns table;
  const bool halted = status.halt().halted();
  table.Row({{"injections", Tone::kFaint},
             {halted ? fmt::format("HALTED since {}: {}", ShowTime(status.halt().time()),
                                   status.halt().reason())
                     : "allowed",
              halted ? Tone::kBad : Tone::kGood}});
  table.Row({{"version", Tone::kFaint}, {status.version()}});
  table.Row({{"process", Tone::kFaint}, {std::to_string(status.pid())}});
  table.Row({{"environment", Tone::kFaint}, {status.environment()}});
  table.Row({{"gateway", Tone::kFaint}, {status.gateway()}});
  for (const std::string& address : status.control())
    table.Row({{"control", Tone::kFaint}, {address}});
  table.Row({{"state", Tone::kFaint}, {status.state_directory()}});
  table.Row({{"active runs", Tone::kFaint}, {ShowCount(status.active_runs())}});
  table.Row({{"connections", Tone::kFaint}, {ShowCount(status.connections())}});
  table.Row({{"exchanges", Tone::kFaint}, {ShowCount(status.exchanges())}});
  table.Row({{"injections delivered", Tone::kFaint}, {ShowCount(status.injections())}});
  AddSchedules(status.schedules(), table);
  if (!status.journal_failure().empty())
    table.Row({{"journal", Tone::kFaint}, {status.journal_failure(), Tone::kBad}});
  if (!status.journal_damage().empty())
    table.Row({{"journal", Tone::kFaint}, {status.journal_damage(), Tone::kWarning}});
  return table;
}

int Status(const Console& console) {
  RequireListFormat(console);
  const Daemon daemon = FindDaemon(console.daemon, console.environment);
  const auto status =
      daemon.Call(daemon.safety, &v1::SafetyService::Stub::GetStatus, v1::GetStatusRequest());
  PrintOne(console, "murphy.status/v1", status, StatusTable(status));
  return static_cast<int>(ExitCode::kOk);
}

int Halt(const Console& console, const std::string& reason) {
  RequireListFormat(console);
  v1::HaltRequest request;
  request.set_reason(reason);
  const Daemon daemon = FindDaemon(console.daemon, console.environment);
  const auto response = daemon.Call(daemon.safety, &v1::SafetyService::Stub::Halt, request);
  Columns said;
  said.Row({{fmt::format("Halted. {} released. `murphy resume REASON` allows injections again.",
                         Plural(response.released(), "held exchange"))}});
  PrintOne(console, "murphy.halt/v1", response, said);
  return static_cast<int>(ExitCode::kOk);
}

int Resume(const Console& console, const std::string& reason) {
  RequireListFormat(console);
  v1::ResumeRequest request;
  request.set_reason(reason);
  const Daemon daemon = FindDaemon(console.daemon, console.environment);
  const auto response = daemon.Call(daemon.safety, &v1::SafetyService::Stub::Resume, request);
  Columns said;
  said.Row({{"Injections are allowed again."}});
  PrintOne(console, "murphy.halt/v1", response, said);
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

void AddSafety(CLI::App& app, Commands& commands) {
  const auto reason = std::make_shared<std::string>();
  CLI::App* halt = app.add_subcommand("halt", "Stop every injection now, until `resume`");
  halt->add_option("reason", *reason, "Why")->option_text("REASON");
  commands.Add(halt, [reason](const Console& console) { return Halt(console, *reason); });
  CLI::App* resume = app.add_subcommand("resume", "Allow injections again");
  resume->add_option("reason", *reason, "Why")->option_text("REASON")->required();
  commands.Add(resume, [reason](const Console& console) { return Resume(console, *reason); });
  commands.Add(app.add_subcommand("status", "Say what the daemon is doing"), Status);
}

}  // namespace murphy::cli
