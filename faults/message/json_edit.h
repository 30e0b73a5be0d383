// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "faults/message/json_string.h"
#include "faults/message/json_tree.h"

namespace murphy::message {

// Finds the value at a JSON Pointer (RFC 6901) in a JSON text, so that one value can be changed and
// every other byte kept: providers pad, indent and order their JSON, and an edit must not show.
// nullopt where there is none, or the text is no JSON.
std::optional<Span> FindValue(std::string_view json, std::string_view pointer);

// Replaces the value at `pointer` by `replacement`, itself JSON text. False, and no change, where
// there is none.
bool ReplaceValue(std::string& json, std::string_view pointer, std::string_view replacement);

}  // namespace murphy::message
