// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "daemon/scenario/plan.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/experiment_service.pb.h"

namespace murphy::experiments {

// What a plan will do, before it does: its rules, what depends on timing, and what it would have
// selected of `recent` exchanges.
v1::PlanSummary Summarise(const scenario::Plan& plan, const std::vector<v1::Exchange>& recent);

}  // namespace murphy::experiments
