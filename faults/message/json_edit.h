// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "faults/message/json_string.h"

namespace murphy::message {

// Byte range of a value inside a JSON text.
struct Span {
  size_t begin = 0;
  size_t end = 0;
};

// Finds the value at a JSON Pointer (RFC 6901) in a valid JSON text, so that one value can be
// changed and every other byte kept: providers pad, indent and order their JSON, and an edit must
// not show.
std::optional<Span> FindValue(std::string_view json, std::string_view pointer);

// Replaces the value at `pointer` by `replacement`, itself JSON text. False, and no change, where
// there is none.
bool ReplaceValue(std::string& json, std::string_view pointer, std::string_view replacement);

}  // namespace murphy::message
