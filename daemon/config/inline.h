// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "daemon/config/parameters.h"
#include "daemon/config/value.h"

namespace murphy::config {

// ReadInlineRule without the name of the text, and with parameters.
void ReadInline(std::string_view file, std::string_view text, const Parameters& parameters,
                v1::Scenario& scenario, Origins* origins, std::vector<Slip>& slips);

// The same of an expectation, `NAME(,key=value)*`.
void ReadInlineExpect(std::string_view file, std::string_view text, const Parameters& parameters,
                      v1::Scenario& scenario, Origins* origins, std::vector<Slip>& slips);

}  // namespace murphy::config
