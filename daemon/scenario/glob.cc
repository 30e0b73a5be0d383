// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/glob.h"

#include <algorithm>

namespace murphy::scenario {
namespace {

bool Continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// Where the character at `at` ends.
size_t NextCharacter(std::string_view text, size_t at) {
  ++at;
  while (at < text.size() && Continues(text[at])) ++at;
  return at;
}

// One backtracking point is enough: a later `*` can take over whatever an earlier one could have
// taken.
bool MatchFrom(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0;
  size_t star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == '?') {
      ++p;
      t = NextCharacter(text, t);
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      resume = NextCharacter(text, resume);
      t = resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

Glob::Glob(std::string_view pattern)
    : pattern_(pattern), literal_(std::min(pattern.find_first_of("*?"), pattern.size())) {}

bool Glob::Matches(std::string_view text) const {
  const std::string_view pattern = pattern_;
  if (text.substr(0, literal_) != pattern.substr(0, literal_)) return false;
  return MatchFrom(pattern.substr(literal_), text.substr(literal_));
}

bool Glob::names_something() const { return pattern_.find_first_not_of("*?") != std::string::npos; }

}  // namespace murphy::scenario
