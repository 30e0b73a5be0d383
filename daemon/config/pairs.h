// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/value.h"

namespace murphy::config {

// One `dotted.key=value` of the inline form.
struct Pair {
  std::vector<std::string> key;
  Location location;
  Value value;
};

// The inline form taken apart: `NAME(,dotted.key=value)*`.
struct Pairs {
  std::string name;
  Location location;
  std::vector<Pair> list;
};

// Takes an inline fault apart. A value is TOML when it begins with a quote or a bracket; else it is
// a bare word that ends at the next comma. At most one mistake. Columns count characters of `text`.
Pairs SplitPairs(std::string_view text, std::vector<Slip>& slips);

}  // namespace murphy::config
