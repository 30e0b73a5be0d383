// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "murphy/v1/scenario.pb.h"

namespace murphy::experiments {

// A rule in the inline form of the language, `NAME(,dotted.key=value)*`, without its id.
std::string InlineText(const v1::Rule& rule);

}  // namespace murphy::experiments
