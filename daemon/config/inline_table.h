// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "daemon/config/reader.h"
#include "daemon/config/value.h"

namespace murphy::config {

// What inline forms of the language are made of.

Value EmptyTable(const Location& location);

// Puts a value at a path of tables. False where something is there already.
bool Insert(Value& table, absl::Span<const std::string> path, const Location& location,
            Value value);

// `KIND:GLOB`, which is no name of a target of the scenario.
bool IsInlineTarget(const std::string& name, const v1::Scenario& scenario);

// Adds the target that `KIND:GLOB` means, under that name.
void AddTarget(const std::string& name, const Location& place, std::string_view file,
               v1::Scenario& scenario, Origins* origins, std::vector<Slip>& slips);

}  // namespace murphy::config
