// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "daemon/config/value.h"

namespace murphy::config {

// ReadInlineRule without the name of the text.
void ReadInline(std::string_view file, std::string_view text, v1::Scenario& scenario,
                Origins* origins, std::vector<Slip>& slips);

// The same of an expectation, `NAME(,key=value)*`.
void ReadInlineExpect(std::string_view file, std::string_view text, v1::Scenario& scenario,
                      Origins* origins, std::vector<Slip>& slips);

}  // namespace murphy::config
