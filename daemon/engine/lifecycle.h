// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "daemon/engine/rules.h"
#include "murphy/v1/exchange.pb.h"

namespace murphy::engine {

// What a limit has done to a rule, as a clause.
const char* WhyStopped(Limit limit);

// Why a rule has not fired, as a clause.
std::string WhyUnreached(const scenario::Rule& rule, const RuleRecord& record, const Phases& phases,
                         const Occurrences& occurrences, const Groups& groups);

// How far a rule that has not fired has come: PLANNED, ARMED or MATCHED.
v1::InjectionState ReachedBy(const scenario::Rule& rule, const RuleRecord& record,
                             const Phases& phases);

}  // namespace murphy::engine
