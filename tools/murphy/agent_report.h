// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "murphy/v1/exchange.pb.h"

namespace murphy::cli {

// A private directory with the file that the agent may write its report to; removed with it.
class ReportFile {
 public:
  ReportFile();
  ~ReportFile();
  ReportFile(const ReportFile&) = delete;
  ReportFile& operator=(const ReportFile&) = delete;

  std::string path() const { return (directory_ / "report.json").string(); }
  // The checker's own.
  std::string checker_path() const { return (directory_ / "checker.json").string(); }

 private:
  std::filesystem::path directory_;
};

// What an agent or a checker said, and what is wrong with it as a sentence.
struct AgentReport {
  std::optional<v1::Report> report;
  std::string mistake;
};

// Reads `{"task": "correct|partial|wrong|none", "disclosed": …, "escalated": …, "note": …}`; every
// key may be absent. No file: neither.
AgentReport ReadAgentReport(const std::string& path);

// The same of a checker, which may also say `"effects": {TARGET: N}`.
AgentReport ReadCheckerReport(const std::string& path);

// What both say together: the checker's word counts where it has one, and the agent's is kept beside
// it.
v1::Report AddUp(const std::optional<v1::Report>& agent, const v1::Report& checker);

// What a checker's exit code says about the task: 0 correct, 1 wrong, 2 partial; nullopt for
// anything else.
std::optional<v1::TaskState> TaskOfCheck(int exit_code);

}  // namespace murphy::cli
