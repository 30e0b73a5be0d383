// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/likeness.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <utility>

namespace murphy::engine {
namespace {

// Of texts that differ over a longer stretch, the rest counts as different.
constexpr size_t kMostEdited = 96;

std::set<std::string_view> PathsOf(std::string_view shape) {
  std::set<std::string_view> paths;
  while (!shape.empty()) {
    const size_t end = std::min(shape.find_first_of("{}, "), shape.size());
    if (end > 0) paths.insert(shape.substr(0, end));
    shape.remove_prefix(std::min(end + 1, shape.size()));
  }
  return paths;
}

double Overlap(std::string_view a, std::string_view b) {
  if (a == b) return 1;
  const std::set<std::string_view> of_a = PathsOf(a), of_b = PathsOf(b);
  const auto common = std::count_if(of_a.begin(), of_a.end(),
                                    [&](std::string_view path) { return of_b.contains(path); });
  const size_t all = of_a.size() + of_b.size() - static_cast<size_t>(common);
  return all == 0 ? 1 : static_cast<double>(common) / static_cast<double>(all);
}

// Levenshtein's distance, a row at a time.
size_t Distance(std::string_view a, std::string_view b) {
  std::array<size_t, kMostEdited + 1> row;
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row[b.size()];
}

double Kept(std::string_view a, std::string_view b) {
  const size_t longest = std::max(a.size(), b.size());
  if (longest == 0) return 1;
  const auto begin = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  a.remove_prefix(static_cast<size_t>(begin.first - a.begin()));
  b.remove_prefix(static_cast<size_t>(begin.second - b.begin()));
  const auto end = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  a.remove_suffix(static_cast<size_t>(end.first - a.rbegin()));
  b.remove_suffix(static_cast<size_t>(end.second - b.rbegin()));
  const size_t rest =
      std::max(a.size(), b.size()) - std::min(kMostEdited, std::max(a.size(), b.size()));
  const size_t edits = Distance(a.substr(0, kMostEdited), b.substr(0, kMostEdited)) + rest;
  return 1 - static_cast<double>(std::min(edits, longest)) / static_cast<double>(longest);
}

}  // namespace

double Similarity(const Likeness& a, const Likeness& b) {
  return (Overlap(a.shape, b.shape) + Kept(a.text, b.text)) / 2;
}

}  // namespace murphy::engine
