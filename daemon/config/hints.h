// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <string_view>
#include <vector>

namespace murphy::config {

// A table that is being read: what it may hold, and what the user calls it (empty: the top level).
struct Surrounding {
  const google::protobuf::Descriptor* type;
  std::string shown;
};

// The accepted name for a word that others use for the same thing; empty for none.
std::string_view SynonymOf(std::string_view key, const std::vector<std::string>& accepted);

// Where a key belongs that is unknown in the innermost table: a table in that one, or one around
// it. A sentence's end, beginning with its punctuation; empty when no table knows the key.
std::string HomeOf(std::string_view key, const std::vector<Surrounding>& tables);

}  // namespace murphy::config
