// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/matrix.h"

#include <utility>

#include "fmt/format.h"
#include "tools/murphy/render/text.h"
#include "tools/murphy/source.h"

namespace murphy::cli {
MatrixResult RunMatrix(const Console& console, const Daemon& daemon, Signals& signals,
                       const v1::ScenarioSource& source, const v1::ReadScenarioResponse& said,
                       const SettleCell& settle,
                       const std::function<void(const RunRecord&)>& finished,
                       const std::function<void(const CellReport&)>& ended) {
  MatrixResult result;
  result.report.scenario = said.name();
  std::vector<ExperimentOptions> cells;
  for (const v1::Cell& cell : said.cells()) {
    // A mistake of the last cell is better known before the first is run.
    Validate(daemon, source, cell);
    cells.push_back(settle(WithCell(source, cell), cell));
    result.report.cells.push_back({cell, std::nullopt});
  }
  for (size_t i = 0; i < cells.size(); ++i) {
    if (signals.interrupted()) break;
    CellReport& cell = result.report.cells[i];
    if (!console.quiet) {
      console.errors << fmt::format("murphy: cell {} of {}: {}\n", i + 1, cells.size(),
                                    Printable(ShowCell(cell.cell)))
                     << std::flush;
    }
    ExperimentResult experiment = RunExperiment(console, daemon, signals, cells[i], finished);
    if (result.child_exit_code == 0) result.child_exit_code = experiment.child_exit_code;
    cell.report = std::move(experiment.report);
    ended(cell);
  }
  result.report.interrupted = signals.interrupted();
  return result;
}

}  // namespace murphy::cli
