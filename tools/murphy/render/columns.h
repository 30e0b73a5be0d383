// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace murphy::cli {

// What a piece of text means; colour follows from it.
enum class Tone { kPlain, kGood, kBad, kWarning, kFaint, kStrong };

// `text` in the colour of `tone`, or as it is when `color` is false.
std::string Paint(const std::string& text, Tone tone, bool color);

struct Cell {
  std::string text;
  Tone tone = Tone::kPlain;
};

// A table without lines: columns aligned to the left, two spaces apart.
class Columns {
 public:
  explicit Columns(size_t indent = 0) : indent_(indent) {}

  // A line in faint print above the rows.
  void Head(const std::vector<std::string>& names);
  void Row(std::vector<Cell> cells);
  bool Empty() const { return rows_.empty(); }
  std::string Render(bool color) const;

 private:
  size_t indent_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace murphy::cli
