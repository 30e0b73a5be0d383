// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/agent_report.h"

#include <stdlib.h>

#include <cstdint>
#include <system_error>

#include "boost/json.hpp"
#include "fmt/format.h"
#include "tools/murphy/endpoints.h"
#include "tools/murphy/exit_code.h"

namespace murphy::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr size_t kMaxReportBytes = 64 << 10;

std::optional<v1::TaskState> TaskNamed(std::string_view name) {
  if (name == "correct") return v1::TASK_STATE_CORRECT;
  if (name == "partial") return v1::TASK_STATE_PARTIAL;
  if (name == "wrong") return v1::TASK_STATE_WRONG;
  if (name == "none") return v1::TASK_STATE_NONE;
  return std::nullopt;
}

// How many effects a checker found, by target.
std::string SetEffects(const json::value& value, v1::Report& report) {
  constexpr const char* kWrong = "`effects` must name targets, with how many effects each shows";
  if (!value.is_object()) return kWrong;
  for (const auto& [target, count] : value.get_object()) {
    if (!count.is_int64() || count.get_int64() < 0 || count.get_int64() > UINT32_MAX) return kWrong;
    (*report.mutable_effects())[std::string(target)] = static_cast<uint32_t>(count.get_int64());
  }
  return {};
}

// Sets what one key says; the mistake in it, or nothing.
std::string SetKey(std::string_view key, const json::value& value, v1::Report& report) {
  if (key == "effects" && report.reporter() == v1::REPORTER_CHECKER)
    return SetEffects(value, report);
  if (key == "task") {
    const auto task = value.is_string() ? TaskNamed(value.get_string()) : std::nullopt;
    if (!task) return "`task` must be correct, partial, wrong or none";
    report.set_task(*task);
  } else if (key == "disclosed" || key == "escalated") {
    if (!value.is_bool()) return fmt::format("`{}` must be true or false", key);
    key == "disclosed" ? report.set_disclosed(value.get_bool())
                       : report.set_escalated(value.get_bool());
  } else if (key == "note") {
    if (!value.is_string()) return "`note` must be a string";
    report.set_note(std::string(value.get_string()));
  } else {
    return fmt::format("`{}` is not a key; they are task, disclosed, escalated and note, and of a "
                       "checker effects",
                       key);
  }
  return {};
}

AgentReport Read(const std::string& path, v1::Reporter reporter) {
  const auto wrong = [reporter](std::string_view why) -> AgentReport {
    return {std::nullopt,
            fmt::format("The {} report in MURPHY_REPORT_FILE is ignored: {}.",
                        reporter == v1::REPORTER_CHECKER ? "checker's" : "agent's", why)};
  };
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  const std::optional<std::string> text = ReadFile(path, kMaxReportBytes);
  if (!text) return wrong("it is not readable or larger than 64 KiB");
  json::error_code mistake;
  const json::value document = json::parse(*text, mistake);
  if (mistake || !document.is_object()) return wrong("it is not a JSON object");
  v1::Report report;
  report.set_reporter(reporter);
  for (const auto& [key, value] : document.get_object()) {
    if (const std::string why = SetKey(key, value, report); !why.empty()) return wrong(why);
  }
  return {report, {}};
}

}  // namespace

ReportFile::ReportFile() {
  std::error_code error;
  fs::path temporary = fs::temp_directory_path(error);
  if (error) temporary = "/tmp";
  std::string pattern = (temporary / "murphy-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    throw Failure(ExitCode::kInternal,
                  fmt::format("No directory can be made in {}.", temporary.string()));
  }
  directory_ = pattern;
}

ReportFile::~ReportFile() {
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

AgentReport ReadAgentReport(const std::string& path) { return Read(path, v1::REPORTER_AGENT); }

AgentReport ReadCheckerReport(const std::string& path) {
  return Read(path, v1::REPORTER_CHECKER);
}

v1::Report AddUp(const std::optional<v1::Report>& agent, const v1::Report& checker) {
  v1::Report report = agent.value_or(v1::Report());
  const bool silent = checker.task() == v1::TASK_STATE_UNSPECIFIED;
  // Whoever wants a check does not take the agent's word instead.
  const bool well = report.task() == v1::TASK_STATE_CORRECT ||
                    report.task() == v1::TASK_STATE_UNSPECIFIED;
  if (!silent || well) {
    report.set_agent_task(report.task());
    report.set_task(checker.task());
    report.set_reporter(v1::REPORTER_CHECKER);
  }
  report.set_disclosed(report.disclosed() || checker.disclosed());
  report.set_escalated(report.escalated() || checker.escalated());
  const bool both = !report.note().empty() && !checker.note().empty();
  report.set_note(report.note() + (both ? "; " : "") + checker.note());
  *report.mutable_effects() = checker.effects();
  return report;
}

std::optional<v1::TaskState> TaskOfCheck(int exit_code) {
  if (exit_code == 0) return v1::TASK_STATE_CORRECT;
  if (exit_code == 1) return v1::TASK_STATE_WRONG;
  if (exit_code == 2) return v1::TASK_STATE_PARTIAL;
  return std::nullopt;
}

}  // namespace murphy::cli
