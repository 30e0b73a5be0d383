// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "daemon/engine/decision.h"
#include "daemon/engine/recogniser.h"
#include "daemon/scenario/plan.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/replay.pb.h"

namespace murphy::engine {

// What a decider is told about an exchange, as the journal keeps it beside the exchange's own
// record; and back.
void NoteBegin(const Arrival& arrival, const Identity& identity, const Reading& reading,
               v1::ExchangeInput& input);
void NoteEnd(const Ending& ending, const scenario::Plan& plan, v1::ExchangeInput& input);

// Who a recorded exchange was; and how its plan saw it: nullopt when the record names a target that
// the plan does not have.
Identity IdentityOf(const v1::Exchange& exchange);
std::optional<Reading> ReadingOf(const v1::Exchange& exchange, const Arrival& arrival,
                                 const scenario::Plan& plan);
// What was called, as far as a decider looks at it.
message::Call CallOf(const v1::Exchange& exchange);
// Without the answer itself: no decision depends on it.
Ending EndingOf(const v1::ExchangeInput& input, const scenario::Plan& plan);

}  // namespace murphy::engine
