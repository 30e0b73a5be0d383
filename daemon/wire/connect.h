// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daemon/wire/vigil.h"
#include "daemon/wire/upstream.h"

namespace murphy::wire {

// Resolves, connects and, for TLS, verifies: under one deadline, which the watchdog of `vigil`
// keeps; the agent's leaving ends it, too. Nullopt on success; else why not, as a sentence. The
// upstream is closed then.
Task<std::optional<std::string>> Connect(Vigil& vigil, Upstream& upstream,
                                         const runs::Route& route, bool watch_agent);

}  // namespace murphy::wire
