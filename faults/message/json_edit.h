// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace murphy::message {

// Byte range of a value inside a JSON text.
struct Span {
  size_t begin = 0;
  size_t end = 0;
};

// Finds the value at a JSON Pointer (RFC 6901) in a valid JSON text, so that one value can be changed and every other byte kept:
// providers pad, indent and order their JSON, and an edit must not show.
std::optional<Span> FindValue(std::string_view json, std::string_view pointer);

// Replaces the value at `pointer` by `replacement`, itself JSON text. False, and no change, where there is none.
bool ReplaceValue(std::string& json, std::string_view pointer, std::string_view replacement);

// Text as a JSON string literal: quotes, backslash and control characters escaped, everything else as it is.
std::string QuoteJson(std::string_view text);

// Text of a JSON string literal; nullopt when it is none.
std::optional<std::string> UnquoteJson(std::string_view literal);

}  // namespace murphy::message
