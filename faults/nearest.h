// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace murphy {

// The accepted name that a wrong one was probably meant to be, or an empty view when none is near:
// a few typing mistakes away (case, `-` and `_` do not count), or begun by it. The view points into
// `accepted`.
std::string_view NearestName(std::string_view wrong, const std::vector<std::string>& accepted);

}  // namespace murphy
