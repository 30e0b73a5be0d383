// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "boost/json/value.hpp"

namespace murphy::dialect {

// Nesting that is read; a deeper text counts as no JSON.
inline constexpr size_t kMaxJsonDepth = 64;

// Parses untrusted text; nullopt when it is no JSON.
std::optional<boost::json::value> ParseJson(std::string_view text);

// Value at a JSON Pointer (RFC 6901), or null.
const boost::json::value* At(const boost::json::value& root, std::string_view pointer);

// Value at a pointer in the type that is wanted; empty where there is none of that type.
std::string_view TextAt(const boost::json::value& root, std::string_view pointer);
std::optional<uint64_t> CountAt(const boost::json::value& root, std::string_view pointer);
const boost::json::array& ListAt(const boost::json::value& root, std::string_view pointer);

// There is a value, and it is not null.
bool HasAt(const boost::json::value& root, std::string_view pointer);

// The JSON string behind the next `"key":` of a text, quotes stripped and escapes left as they are;
// nullopt when no such key holds a string. A scan without parsing: right for any valid JSON,
// because a quote inside a string is escaped.
std::optional<std::string_view> ScanText(std::string_view json, std::string_view key);

// Whether any `"key":` with a non-empty string occurs.
bool ScanNonEmpty(std::string_view json, std::string_view key);

// Whether a `"key":` occurs with anything but null.
bool ScanKey(std::string_view json, std::string_view key);

}  // namespace murphy::dialect
