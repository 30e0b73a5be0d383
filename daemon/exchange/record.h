// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "daemon/exchange/life.h"

namespace murphy::exchange {

// The delay that a refusal states (`retry-after-ms`, then `Retry-After` in seconds or as a date);
// nullopt for none.
std::optional<absl::Duration> StatedDelay(const message::Headers& headers, absl::Time now);

// What the upstream answered, as it came, for those that wait for it.
void NoteUpstreamHead(Life& life);
// Puts it on record.
void NoteStatedDelay(Life& life, const message::Headers& headers);

}  // namespace murphy::exchange
