// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace murphy::cli {

// One word of a POSIX shell that stands for exactly `text`; unquoted where nothing needs it.
std::string ShellQuote(std::string_view text);

// Words of a command line, quoted and joined by spaces.
std::string ShellJoin(const std::vector<std::string>& words);

}  // namespace murphy::cli
