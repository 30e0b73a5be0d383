// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
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

}  // namespace murphy::scenario
