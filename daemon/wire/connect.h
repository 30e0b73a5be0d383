// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "daemon/exchange/effect.h"
#include "daemon/wire/proxy.h"
#include "daemon/wire/upstream.h"
#include "daemon/wire/vigil.h"

namespace murphy::wire {

using exchange::Failure;

// Resolves, connects, has a tunnel made where a proxy (null for none) is on the way to a TLS origin,
// and verifies that: under one deadline, which the watchdog of `vigil` keeps; the agent's leaving
// ends it, too. Nullopt on success; else why not, and the upstream is closed.
Task<std::optional<Failure>> Connect(Vigil& vigil, Upstream& upstream, const runs::Route& route,
                                     const Proxy* proxy, bool watch_agent);

}  // namespace murphy::wire
