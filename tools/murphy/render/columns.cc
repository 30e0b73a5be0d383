// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/render/columns.h"

#include <algorithm>

#include "tools/murphy/render/text.h"

namespace murphy::cli {

std::string Paint(const std::string& text, Tone tone, bool color) {
  if (!color || text.empty()) return text;
  const char* start = "";
  switch (tone) {
    case Tone::kPlain:
      return text;
    case Tone::kGood:
      start = "\x1b[32m";
      break;
    case Tone::kBad:
      start = "\x1b[31m";
      break;
    case Tone::kWarning:
      start = "\x1b[33m";
      break;
    case Tone::kFaint:
      start = "\x1b[2m";
      break;
    case Tone::kStrong:
      start = "\x1b[1m";
      break;
  }
  return start + text + "\x1b[0m";
}

void Columns::Head(const std::vector<std::string>& names) {
  std::vector<Cell> cells;
  for (const std::string& name : names) cells.push_back({name, Tone::kFaint});
  Row(std::move(cells));
}

void Columns::Row(std::vector<Cell> cells) {
  for (Cell& cell : cells) cell.text = Printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::string Columns::Render(bool color) const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i].text));
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line(indent_, ' ');
    size_t pending = 0;
    for (size_t i = 0; i < row.size(); ++i) {
      // A column that is empty in every row takes no room; padding is written only before more
      // text.
      if (!row[i].text.empty()) {
        line.append(pending, ' ');
        pending = 0;
        line += Paint(row[i].text, row[i].tone, color);
      }
      if (widths[i] > 0) pending += widths[i] - Width(row[i].text) + 2;
    }
    out += line + "\n";
  }
  return out;
}

}  // namespace murphy::cli
