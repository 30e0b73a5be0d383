// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "faults/message/json_tree.h"

namespace murphy::message {

// A value and where it is.
struct JsonNode {
  std::string pointer;
  JsonKind kind = JsonKind::kNull;
  Span span;
};

bool IsJson(std::string_view text);

// The values of a JSON text, in its own order, containers before what they contain; at most the
// first 10,000. nullopt when the text is not JSON, or nested too deep.
std::optional<std::vector<JsonNode>> WalkJson(std::string_view json);

// Where the keys of a JSON text are, quotes included; empty when it is not JSON.
std::vector<Span> FindKeys(std::string_view json);

}  // namespace murphy::message
