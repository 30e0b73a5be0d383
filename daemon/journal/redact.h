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
// Whatever is called so is a secret: `x-api-key`, `Authorization`.
bool NamesSecret(std::string_view name);

}  // namespace murphy::journal
