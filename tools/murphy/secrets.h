// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace murphy::cli {

// A command line as it may be shown: values of flags and variables whose names look secret, user
// names and passwords in URLs, and what looks like a key are `[redacted]`.
std::vector<std::string> WithoutSecrets(std::vector<std::string> words);

}  // namespace murphy::cli
