// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace murphy::message {

// Text as a JSON string literal: quotes, backslash and control characters escaped, everything else
// as it is.
std::string QuoteJson(std::string_view text);

// Appends the text of a JSON string, given without its quotes. False where an escape is none, or a
// character needed one.
bool AppendUnquoted(std::string& out, std::string_view text);

// Text of a JSON string literal; nullopt when it is none.
std::optional<std::string> UnquoteJson(std::string_view literal);

}  // namespace murphy::message
