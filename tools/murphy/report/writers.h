// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tools/murphy/report/report.h"

namespace murphy::cli {

// One screen: verdict first, a line per injection, what recovery cost, the line that replays it.
std::string WriteTable(const Report& report, bool color);

// One document, schema `murphy.report/v1`.
std::string WriteJson(const Report& report);

// One event per line, schema `murphy.report/v1`: `run_finished` for each run as it ends, `finished`
// at the end.
std::string WriteRunLine(const RunRecord& record);
std::string WriteFinishLine(const Report& report);

// A suite per run, a test case per expectation, and one for the conclusion.
std::string WriteJUnit(const Report& report);
// The same for several reports, each with a name for its suites; null: it was not begun.
std::string WriteJUnit(const std::string& name,
                       const std::vector<std::pair<std::string, const Report*>>& parts);

}  // namespace murphy::cli
