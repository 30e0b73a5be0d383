// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/glob.h"

#include <algorithm>
#include <set>
#include <utility>

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

// What it matches, the other one matches, too. May be false where it is so; without `?` in the other
// one never.
bool Contains(const std::string& other, const std::string& pattern) {
  return other.find('?') == std::string::npos && Glob(other).Matches(pattern);
}

// All ways in which two patterns can be matched by one text, as patterns.
class Intersection {
 public:
  void Add(const std::string& common, std::string_view a, std::string_view b) {
    if (steps_++ > kMostSteps) return;
    if (a.empty() || b.empty()) {
      if (IsNothing(a) && IsNothing(b)) found_.insert(common);
      return;
    }
    if (a[0] != '*' && b[0] != '*') {
      if (a[0] != b[0] && a[0] != '?' && b[0] != '?') return;
      return Add(common + (a[0] == '?' ? b[0] : a[0]), a.substr(1), b.substr(1));
    }
    if (a[0] != '*') return Add(common, b, a);
    // Either this `*` ends here, or it takes what comes next in the other pattern.
    if (b[0] == '*') {
      const std::string some = common.ends_with('*') ? common : common + '*';
      Add(some, a.substr(1), b);
      return Add(some, a, b.substr(1));
    }
    Add(common, a.substr(1), b);
    Add(common + b[0], a, b.substr(1));
  }

  std::set<std::string> Take() const {
    if (steps_ > kMostSteps) return {};
    std::set<std::string> kept;
    for (const std::string& pattern : found_) {
      const bool said = std::any_of(found_.begin(), found_.end(), [&](const std::string& other) {
        return other != pattern && Contains(other, pattern);
      });
      if (!said) kept.insert(pattern);
    }
    return kept;
  }

 private:
  static constexpr size_t kMostSteps = 10'000;

  // Matches the empty text.
  static bool IsNothing(std::string_view pattern) {
    return pattern.find_first_not_of('*') == std::string_view::npos;
  }

  size_t steps_ = 0;
  std::set<std::string> found_;
};

}  // namespace

Glob::Glob(std::string_view pattern)
    : pattern_(pattern), literal_(std::min(pattern.find_first_of("*?"), pattern.size())) {}

bool Glob::Matches(std::string_view text) const {
  const std::string_view pattern = pattern_;
  if (text.substr(0, literal_) != pattern.substr(0, literal_)) return false;
  return MatchFrom(pattern.substr(literal_), text.substr(literal_));
}

std::set<std::string> CommonGlobs(const std::string& a, const std::string& b) {
  if (Contains(a, b)) return {b};
  if (Contains(b, a)) return {a};
  Intersection intersection;
  intersection.Add({}, a, b);
  return intersection.Take();
}

bool Glob::names_something() const { return pattern_.find_first_not_of("*?") != std::string::npos; }

}  // namespace murphy::scenario
