// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/report/matrix.h"

#include <algorithm>
#include <array>
#include <set>

#include "fmt/format.h"
#include "tools/murphy/json.h"
#include "tools/murphy/render/columns.h"
#include "tools/murphy/render/text.h"
#include "tools/murphy/report/rate.h"
#include "tools/murphy/report/writers.h"
#include "tools/murphy/source.h"

namespace murphy::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kSchema = "murphy.matrix/v1";
// The worst first: what went wrong in Murphy or its use hides what is known of the agent; an
// expectation that failed is known for good.
constexpr std::array kWorst = {ExitCode::kInternal,   ExitCode::kUnreachable,
                               ExitCode::kUsage,      ExitCode::kInterrupted,
                               ExitCode::kViolated,   ExitCode::kBaseline,
                               ExitCode::kInconclusive, ExitCode::kOk};

Tone ToneOf(ExitCode code) {
  if (code == ExitCode::kOk) return Tone::kGood;
  return code == ExitCode::kViolated ? Tone::kBad : Tone::kWarning;
}

// Names of parameters, in the order of the first cell.
std::vector<std::string> ParamsOf(const MatrixReport& report) {
  std::vector<std::string> names;
  for (const CellReport& cell : report.cells) {
    for (const v1::CellValue& value : cell.cell.values()) {
      if (std::find(names.begin(), names.end(), value.param()) == names.end())
        names.push_back(value.param());
    }
  }
  return names;
}

std::string ValueIn(const CellReport& cell, const std::string& name) {
  for (const v1::CellValue& value : cell.cell.values()) {
    if (value.param() == name) return value.value();
  }
  return {};
}

void AddRow(const CellReport& cell, const std::vector<std::string>& params, Columns& columns) {
  std::vector<Cell> row;
  for (const std::string& name : params) row.push_back({Printable(ValueIn(cell, name)), Tone::kStrong});
  if (!cell.report) {
    row.insert(row.end(), {{"0"}, {""}, {""}, {"not run", Tone::kWarning}});
    return columns.Row(row);
  }
  const v1::Conclusion& conclusion = cell.report->experiment.conclusion();
  row.insert(row.end(), {{ShowCount(conclusion.runs())},
                         {ShowCount(conclusion.violations())},
                         {ShowRate(conclusion.violations(), conclusion.runs())},
                         {VerdictWord(*cell.report), ToneOf(Judge(*cell.report))},
                         {ShowCount(conclusion.delivered())},
                         {cell.report->experiment.id(), Tone::kFaint}});
  columns.Row(row);
}

json::object CellObject(const CellReport& cell) {
  json::object object, values;
  for (const v1::CellValue& value : cell.cell.values()) values[value.param()] = value.value();
  object["params"] = std::move(values);
  object["begun"] = cell.report.has_value();
  if (!cell.report) return object;
  const v1::Conclusion& conclusion = cell.report->experiment.conclusion();
  const Interval interval = WilsonInterval(conclusion.violations(), conclusion.runs());
  object["verdict"] = VerdictWord(*cell.report);
  object["reason"] = VerdictReason(*cell.report);
  object["exit_code"] = static_cast<int>(Judge(*cell.report));
  object["runs"] = conclusion.runs();
  object["violations"] = conclusion.violations();
  object["low"] = interval.low;
  object["high"] = interval.high;
  object["replay"] = ReplayLine(*cell.report);
  object["experiment"] = ToJson(cell.report->experiment);
  return object;
}

json::object Whole(const MatrixReport& report) {
  json::object object;
  object["scenario"] = report.scenario;
  object["exit_code"] = static_cast<int>(Judge(report));
  object["interrupted"] = report.interrupted;
  json::array cells;
  for (const CellReport& cell : report.cells) cells.push_back(CellObject(cell));
  object["cells"] = std::move(cells);
  return object;
}

}  // namespace

ExitCode Judge(const MatrixReport& report) {
  std::set<ExitCode> codes;
  for (const CellReport& cell : report.cells)
    codes.insert(cell.report ? Judge(*cell.report) : ExitCode::kInterrupted);
  if (report.interrupted) codes.insert(ExitCode::kInterrupted);
  const auto worst = std::find_if(kWorst.begin(), kWorst.end(),
                                  [&](ExitCode code) { return codes.contains(code); });
  return worst == kWorst.end() ? ExitCode::kInconclusive : *worst;
}

std::string WriteMatrixTable(const MatrixReport& report, bool color) {
  const std::vector<std::string> params = ParamsOf(report);
  const auto done = std::count_if(report.cells.begin(), report.cells.end(),
                                  [](const CellReport& cell) { return cell.report.has_value(); });
  std::string out = Paint(Printable(report.scenario), Tone::kStrong, color);
  out += fmt::format("  {} of {} cells{}\n\n", done, report.cells.size(),
                     report.interrupted ? ", interrupted" : "");
  Columns columns(2);
  std::vector<std::string> head = params;
  head.insert(head.end(), {"runs", "violations", "rate (95 %)", "verdict", "delivered", "experiment"});
  columns.Head(head);
  for (const CellReport& cell : report.cells) AddRow(cell, params, columns);
  out += columns.Render(color) + "\n";
  for (const CellReport& cell : report.cells) {
    if (!cell.report || Judge(*cell.report) == ExitCode::kOk) continue;
    out += fmt::format("{}: {}\n  replay   {}\n", Printable(ShowCell(cell.cell)),
                       Printable(VerdictReason(*cell.report)), ReplayLine(*cell.report));
    if (cell.report->interrupted && !cell.report->experiment.id().empty())
      out += fmt::format("  resume   murphy run --resume {}\n", cell.report->experiment.id());
  }
  return out;
}

std::string WriteMatrixJson(const MatrixReport& report) { return Document(kSchema, Whole(report)); }

std::string WriteMatrixLine(const MatrixReport& report) {
  json::object object;
  object["event"] = "matrix_finished";
  for (const auto& [key, value] : Whole(report)) object[key] = value;
  return Line(kSchema, object);
}

std::string WriteMatrixJUnit(const MatrixReport& report) {
  std::vector<std::pair<std::string, const Report*>> parts;
  for (const CellReport& cell : report.cells)
    parts.emplace_back(ShowCell(cell.cell), cell.report ? &*cell.report : nullptr);
  return WriteJUnit(report.scenario, parts);
}

}  // namespace murphy::cli
