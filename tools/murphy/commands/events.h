// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "murphy/v1/exchange.pb.h"
#include "tools/murphy/render/columns.h"

namespace murphy::cli {

// One event as a line of text, without its end; empty for events that say nothing to a person.
std::string EventLine(const v1::Event& event, bool color);

Columns ExchangeTable(const std::vector<v1::Exchange>& exchanges);
Columns InjectionTable(const std::vector<v1::Injection>& injections);
Columns RunTable(const std::vector<v1::Run>& runs);

}  // namespace murphy::cli
