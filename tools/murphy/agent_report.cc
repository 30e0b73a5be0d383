// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/agent_report.h"

#include <stdlib.h>

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

// Sets what one key says; the mistake in it, or nothing.
std::string SetKey(std::string_view key, const json::value& value, v1::Report& report) {
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
    return fmt::format("`{}` is not a key; they are task, disclosed, escalated and note", key);
  }
  return {};
}

AgentReport Wrong(std::string_view why) {
  return {std::nullopt,
          fmt::format("The agent's report in MURPHY_REPORT_FILE is ignored: {}.", why)};
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

AgentReport ReadAgentReport(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  const std::optional<std::string> text = ReadFile(path, kMaxReportBytes);
  if (!text) return Wrong("it is not readable or larger than 64 KiB");
  json::error_code mistake;
  const json::value document = json::parse(*text, mistake);
  if (mistake || !document.is_object()) return Wrong("it is not a JSON object");
  v1::Report report;
  for (const auto& [key, value] : document.get_object()) {
    if (const std::string why = SetKey(key, value, report); !why.empty()) return Wrong(why);
  }
  return {report, {}};
}

std::optional<v1::TaskState> TaskOfCheck(int exit_code) {
  if (exit_code == 0) return v1::TASK_STATE_CORRECT;
  if (exit_code == 1) return v1::TASK_STATE_WRONG;
  if (exit_code == 2) return v1::TASK_STATE_PARTIAL;
  return std::nullopt;
}

}  // namespace murphy::cli
