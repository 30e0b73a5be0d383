// SPDX-License-Identifier: Apache-2.0
#include "faults/nearest.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace murphy {
namespace {

constexpr size_t kLongestName = 64;

// Names without what people do not remember: case and separators.
std::string Folded(std::string_view name) {
  std::string folded;
  for (const char c : name) {
    if (c != '_' && c != '-') folded += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return folded;
}

// Insertions, deletions, substitutions and swaps of neighbours ("optimal string alignment").
size_t Distance(std::string_view a, std::string_view b) {
  using Row = std::array<size_t, kLongestName + 1>;
  Row before_last{}, last{}, current{};
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, substituted});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before_last[j - 2] + 1);
      }
    }
    before_last = last;
    last = current;
  }
  return last[b.size()];
}

}  // namespace

std::string_view NearestName(std::string_view wrong, const std::vector<std::string>& accepted) {
  if (wrong.size() > kLongestName) return {};
  const std::string folded = Folded(wrong);
  if (folded.empty()) return {};
  std::string_view nearest;
  size_t least = std::max<size_t>(1, folded.size() / 3) + 1;
  for (const std::string& name : accepted) {
    if (name.size() > kLongestName) continue;
    const std::string other = Folded(name);
    size_t distance = Distance(folded, other);
    // What begins a name is near, but never nearer than a single typing mistake.
    if (folded.size() >= 3 && absl::StartsWith(other, folded))
      distance = std::min<size_t>(distance, 1);
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace murphy
