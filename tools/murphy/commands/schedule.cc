// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <memory>

#include "fmt/format.h"
#include "tools/murphy/commands/commands.h"
#include "tools/murphy/commands/listing.h"
#include "tools/murphy/duration.h"
#include "tools/murphy/exit_code.h"
#include "tools/murphy/pages.h"
#include "tools/murphy/render/text.h"
#include "tools/murphy/source.h"

namespace murphy::cli {
namespace {

using Service = v1::ScheduleService::Stub;

constexpr uint32_t kDefaultLimit = 50;

struct ScheduleOptions {
  std::string file;
  std::string name;
  std::string reason;
  bool check = false;
  uint32_t limit = kDefaultLimit;
};

std::string StateOf(const v1::ScheduleStatus& status) {
  if (!status.experiment().empty()) return "running " + status.experiment();
  if (!status.paused()) return "waiting";
  return status.pause_reason().empty() ? "paused"
                                       : fmt::format("paused: {}", status.pause_reason());
}

Columns ScheduleTable(const std::vector<v1::ScheduleStatus>& schedules) {
  Columns table;
  table.Head({"name", "cron", "time zone", "next start", "state", "seed"});
  for (const v1::ScheduleStatus& status : schedules) {
    const v1::Schedule& schedule = status.schedule();
    table.Row({{schedule.name(), Tone::kStrong},
               {schedule.cron()},
               {schedule.has_time_zone() ? schedule.time_zone() : "UTC"},
               {status.next_starts().empty() ? "none" : ShowTime(status.next_starts(0))},
               {StateOf(status), status.paused() ? Tone::kWarning : Tone::kPlain},
               {std::to_string(status.seed())}});
  }
  return table;
}

std::string PlannedTimes(const v1::ScheduleStart& start) {
  if (!start.has_planned_time()) return "by hand";
  std::string text = ShowTime(start.planned_time());
  if (start.more() > 0) {
    text += fmt::format(", and {} more until {}", ShowCount(start.more()),
                        ShowTime(start.last_planned_time()));
  }
  return text;
}

Columns StartTable(const std::vector<v1::ScheduleStart>& starts) {
  Columns table;
  table.Head({"#", "planned", "time", "state", "experiment", "verdict", "why"});
  for (const v1::ScheduleStart& start : starts) {
    const bool judged = start.state() == v1::SCHEDULE_START_STATE_FINISHED;
    table.Row({{std::to_string(start.number())},
               {PlannedTimes(start)},
               {ShowTime(start.time())},
               {AsWords(NameOf(start.state()))},
               {start.experiment()},
               {judged ? NameOf(start.conclusion().verdict()) : ""},
               {Shorten(judged ? start.conclusion().reason() : start.reason(), 90)}});
  }
  return table;
}

std::vector<v1::ScheduleStart> Starts(const Daemon& daemon, const std::string& name,
                                      uint32_t limit) {
  v1::ListScheduleStartsRequest request;
  request.set_name(name);
  return Pages<v1::ScheduleStart>(
      request, limit, [&daemon](const v1::ListScheduleStartsRequest& page) {
        auto response = daemon.Call(daemon.schedules, &Service::ListScheduleStarts, page);
        return std::pair(std::move(*response.mutable_starts()), response.next_page_token());
      });
}

int PrintStatus(const Console& console, const v1::ScheduleStatus& status) {
  PrintOne(console, "murphy.schedule_status/v1", status, ScheduleTable({status}));
  return static_cast<int>(ExitCode::kOk);
}

// Sends a file and the scenario that it names: first to be read, then to be kept. The daemon reads
// the file, and says which scenario that is.
template <typename Request, typename Response>
int Send(const Console& console, const ScheduleOptions& options, Request request,
         grpc::Status (Service::*method)(grpc::ClientContext*, const Request&, Response*)) {
  RequireListFormat(console);
  const v1::ScenarioSource file = ReadScenario(options.file, {});
  request.set_validate_only(true);
  request.mutable_source()->set_name(file.name());
  request.mutable_source()->set_text(file.text());
  const Daemon daemon = FindDaemon(console.daemon, console.environment);
  auto response = daemon.Call(daemon.schedules, method, request);
  const std::string scenario = response.status().schedule().scenario();
  if (!scenario.empty()) {
    const std::filesystem::path folder = std::filesystem::path(options.file).parent_path();
    *request.mutable_source()->mutable_scenario() =
        Complete(daemon, ReadScenario((folder / scenario).lexically_normal().string(), {}),
                 std::nullopt)
            .source;
  }
  request.set_validate_only(options.check);
  request.set_request_id(NewRequestId());
  request.set_approval_token(ApprovalToken(console.daemon, console.environment));
  response = daemon.Call(daemon.schedules, method, request);
  for (const std::string& warning : response.plan().warnings())
    console.errors << "warning: " << Printable(warning) << "\n";
  return PrintStatus(console, response.status());
}

int Create(const Console& console, const ScheduleOptions& options) {
  return Send(console, options, v1::CreateScheduleRequest(), &Service::CreateSchedule);
}

int Apply(const Console& console, const ScheduleOptions& options) {
  v1::UpdateScheduleRequest request;
  request.set_allow_missing(true);
  return Send(console, options, std::move(request), &Service::UpdateSchedule);
}

int List(const Console& console) {
  RequireListFormat(console);
  const Daemon daemon = FindDaemon(console.daemon, console.environment);
  const auto response =
      daemon.Call(daemon.schedules, &Service::ListSchedules, v1::ListSchedulesRequest());
  const std::vector<v1::ScheduleStatus> schedules(response.schedules().begin(),
                                                  response.schedules().end());
  if (console.format == Format::kTable && schedules.empty()) {
    console.out << "There are no schedules. `murphy schedule apply FILE` makes one.\n";
  } else {
    PrintList(console, "murphy.schedules/v1", "schedules", schedules, ScheduleTable(schedules));
  }
  return static_cast<int>(ExitCode::kOk);
}

int Show(const Console& console, const ScheduleOptions& options) {
  RequireListFormat(console);
  v1::GetScheduleRequest request;
  request.set_name(options.name);
  const Daemon daemon = FindDaemon(console.daemon, console.environment);
  const auto response = daemon.Call(daemon.schedules, &Service::GetSchedule, request);
  const v1::ScheduleStatus& status = response.status();
  PrintStatus(console, status);
  if (console.format != Format::kTable) return static_cast<int>(ExitCode::kOk);
  std::string next;
  for (const auto& time : status.next_starts())
    next += fmt::format("{}{}", next.empty() ? "next starts: " : ", ", ShowTime(time));
  if (!next.empty()) console.out << next << "\n";
  constexpr uint32_t kRecent = 5;
  const auto starts = Starts(daemon, options.name, kRecent);
  if (!starts.empty()) console.out << "\n" << StartTable(starts).Render(console.color);
  return static_cast<int>(ExitCode::kOk);
}

int History(const Console& console, const ScheduleOptions& options) {
  RequireListFormat(console);
  const Daemon daemon = FindDaemon(console.daemon, console.environment);
  const auto starts = Starts(daemon, options.name, options.limit);
  if (console.format == Format::kTable && starts.empty()) {
    console.out << "It was not planned to start yet.\n";
  } else {
    PrintList(console, "murphy.schedule_starts/v1", "starts", starts, StartTable(starts));
  }
  return static_cast<int>(ExitCode::kOk);
}

// Calls that name a schedule and a reason, and answer with its status.
template <typename Request, typename Response>
int Change(const Console& console, const ScheduleOptions& options,
           grpc::Status (Service::*method)(grpc::ClientContext*, const Request&, Response*)) {
  RequireListFormat(console);
  Request request;
  request.set_name(options.name);
  request.set_reason(options.reason);
  const Daemon daemon = FindDaemon(console.daemon, console.environment);
  return PrintStatus(console, daemon.Call(daemon.schedules, method, request).status());
}

int RunNow(const Console& console, const ScheduleOptions& options) {
  RequireListFormat(console);
  v1::RunScheduleNowRequest request;
  request.set_request_id(NewRequestId());
  request.set_name(options.name);
  request.set_reason(options.reason);
  const Daemon daemon = FindDaemon(console.daemon, console.environment);
  const auto response = daemon.Call(daemon.schedules, &Service::RunScheduleNow, request);
  PrintOne(console, "murphy.schedule_start/v1", response.start(), StartTable({response.start()}));
  return static_cast<int>(ExitCode::kOk);
}

int Delete(const Console& console, const ScheduleOptions& options) {
  v1::DeleteScheduleRequest request;
  request.set_name(options.name);
  const Daemon daemon = FindDaemon(console.daemon, console.environment);
  daemon.Call(daemon.schedules, &Service::DeleteSchedule, request);
  if (!console.quiet) console.out << fmt::format("{} is deleted.\n", options.name);
  return static_cast<int>(ExitCode::kOk);
}

}  // namespace

void AddSchedule(CLI::App& app, Commands& commands) {
  const auto options = std::make_shared<ScheduleOptions>();
  CLI::App* schedule =
      app.add_subcommand("schedule", "Experiments that the daemon starts by itself");
  commands.Add(schedule, List);
  const auto add = [schedule, options, &commands](const char* name, const char* what, auto action) {
    CLI::App* command = schedule->add_subcommand(name, what);
    commands.Add(command,
                 [options, action](const Console& console) { return action(console, *options); });
    return command;
  };
  const auto named = [options](CLI::App* command, bool with_reason) {
    command->add_option("name", options->name, "Its name")->option_text("NAME")->required();
    if (with_reason) command->add_option("reason", options->reason, "Why")->option_text("REASON");
    return command;
  };
  const auto of_file = [options](CLI::App* command) {
    command->add_option("file", options->file, "Schedule file")->option_text("FILE")->required();
    command->add_flag("--check", options->check, "Only check it and its scenario");
  };
  of_file(add("create", "Keep a schedule, as a file says", Create));
  of_file(
      add("apply", "Make a schedule what a file says, new or not, and keep its history", Apply));
  commands.Add(schedule->add_subcommand("list", "List schedules"), List);
  named(add("show", "Show one, its next starts and its last ones", Show), false);
  named(add("pause", "Start nothing until `resume`",
            [](const auto& console, const auto& given) {
              return Change(console, given, &Service::PauseSchedule);
            }),
        true);
  named(add("resume", "End a pause",
            [](const auto& console, const auto& given) {
              return Change(console, given, &Service::ResumeSchedule);
            }),
        true);
  named(add("run-now", "Start its experiment now", RunNow), true);
  named(add("delete", "End a schedule and what it runs", Delete), false);
  named(add("history", "What became of its planned starts, newest first", History), false)
      ->add_option("--limit", options->limit, "Most entries (50)")
      ->option_text("N")
      ->check(CLI::Range(1, 1'000'000));
}

}  // namespace murphy::cli
