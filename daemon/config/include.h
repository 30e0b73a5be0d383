// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "daemon/config/value.h"

namespace murphy::config {

inline constexpr size_t kMostFiles = 64;
inline constexpr size_t kDeepestInclude = 8;

// What a file and all that it includes come to.
struct Gathered {
  Value tree;
  // Names of the texts, by the numbers in the locations.
  std::vector<std::string> files;
  std::vector<Wanted> wanted;
  // Some text is no TOML.
  bool broken = false;
};

// Parses a file and those that it includes, each once. What is included comes first, and the
// including file goes on from there: tables are joined, lists of tables follow each other, and of
// two values of one key the including file's counts. Two rules, groups, phases, targets or causes
// of one name are a mistake.
Gathered Gather(const SourceFile& file, const std::vector<SourceFile>& included,
                std::vector<Slip>& slips);

}  // namespace murphy::config
