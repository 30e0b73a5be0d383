// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "faults/message/http.h"

namespace murphy::dialect {

// Whether a request carries traces, metrics, logs or crash reports of the agent's own. A fault
// there would blind the experiment's observer, so such requests are never a target.
bool IsTelemetry(const message::Request& request, std::string_view route);

}  // namespace murphy::dialect
