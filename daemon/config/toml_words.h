// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace murphy::config {

// What toml++ says of a text that is no TOML, for people who do not know that library.
std::string TomlWords(std::string_view description);

}  // namespace murphy::config
