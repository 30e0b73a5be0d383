// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace murphy::scenario {

// A name pattern: `*` stands for any text, `?` for one character, everything else for itself, case
// included.
class Glob {
 public:
  explicit Glob(std::string_view pattern);

  bool Matches(std::string_view text) const;

  // Without wildcards: it matches its own text and nothing else.
  bool exact() const { return literal_ == pattern_.size(); }
  // Something must be literally there: neither `*` nor `??*`.
  bool names_something() const;
  const std::string& pattern() const { return pattern_; }

 private:
  std::string pattern_;
  // Length of what precedes the first wildcard.
  size_t literal_;
};

// Patterns that together match what both of these do; none where nothing does. Two patterns can
// have thousands of such in common: then nothing is known, and none is returned either.
std::set<std::string> CommonGlobs(const std::string& a, const std::string& b);

}  // namespace murphy::scenario
