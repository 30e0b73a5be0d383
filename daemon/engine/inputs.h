// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "daemon/engine/machine.h"
#include "daemon/engine/operations.h"
#include "daemon/scenario/plan.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/replay.pb.h"

namespace murphy::engine {

// What a machine is told about an exchange, as the journal keeps it beside the exchange's own
// record; and back. `held`: conditions on content that were looked at and held.
void NoteBegin(const scenario::Plan& plan, const Arrival& arrival, const Recognised& recognised,
               const std::vector<uint32_t>& held, v1::ExchangeInput& input);
void NoteEnd(const Ending& ending, v1::ExchangeInput& input);

// Who a recorded exchange was. Nullopt when it names a target that the plan does not have.
std::optional<Recognised> RecognisedOf(const v1::Exchange& exchange, const scenario::Plan& plan);
// What was called, as far as a machine looks at it.
message::Call CallOf(const v1::Exchange& exchange);
// Without the answer itself: no decision depends on it.
Ending EndingOf(const v1::ExchangeInput& input);

}  // namespace murphy::engine
