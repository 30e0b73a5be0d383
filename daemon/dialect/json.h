// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace murphy::dialect {

// The JSON string behind the next `"key":` of a text, quotes stripped and escapes left as they are;
// nullopt when no such key holds a string. A scan without parsing, for texts that may turn out to
// be something else: right for any valid JSON, because a quote inside a string is escaped.
std::optional<std::string_view> ScanText(std::string_view json, std::string_view key);

}  // namespace murphy::dialect
