// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/murphy/report/report.h"

namespace murphy::cli {

// One combination of a matrix, and the experiment that was made of it.
struct CellReport {
  v1::Cell cell;
  // Absent: it was not begun.
  std::optional<Report> report;
};

// Everything that the end of `murphy run` knows where the file has a matrix.
struct MatrixReport {
  std::string scenario;
  std::vector<CellReport> cells;
  bool interrupted = false;
};

// The worst of its experiments.
ExitCode Judge(const MatrixReport& report);

std::string WriteMatrixTable(const MatrixReport& report, bool color);
std::string WriteMatrixJson(const MatrixReport& report);
std::string WriteMatrixLine(const MatrixReport& report);
std::string WriteMatrixJUnit(const MatrixReport& report);

}  // namespace murphy::cli
