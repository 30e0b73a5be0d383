// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace murphy::journal {

// Redact; nothing where there is nothing to replace, which costs little.
std::optional<std::string> Redacted(std::string_view text);
// Of a path with its query: segments with long runs of letters and digits count as secrets, too.
std::optional<std::string> RedactedPath(std::string_view path);
// The same of what a probe asks, in which `$NAME` stands for a variable of the environment.
std::optional<std::string> RedactedQuestion(std::string_view text);
// The text is such a name, perhaps behind a word (`Bearer $TOKEN`).
bool IsVariable(std::string_view text);
// Whatever is called so is a secret: `x-api-key`, `Authorization`.
bool NamesSecret(std::string_view name);

}  // namespace murphy::journal
