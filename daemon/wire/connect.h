// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daemon/wire/vigil.h"
#include "daemon/wire/upstream.h"

namespace murphy::wire {

// Why there is no connection; `sentence` says it.
struct NoConnection {
  v1::FailureCause cause = v1::FAILURE_CAUSE_UNREACHABLE;
  std::string sentence;
};

// Resolves, connects and, for TLS, verifies: under one deadline, which the watchdog of `vigil`
// keeps; the agent's leaving ends it, too. Nullopt on success. Otherwise the upstream is closed.
Task<std::optional<NoConnection>> Connect(Vigil& vigil, Upstream& upstream,
                                         const runs::Route& route, bool watch_agent);

}  // namespace murphy::wire
