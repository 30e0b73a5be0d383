// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daemon/runs/route.h"
#include "daemon/wire/http1/head.h"
#include "daemon/wire/proxy.h"
#include "daemon/wire/upstream.h"

namespace murphy::wire {

// Asks the proxy at the other end of a new connection for a tunnel to an origin (CONNECT, RFC 9110
// section 9.3.6). Nullopt once there is one; else why not, as a sentence. Whoever calls it keeps the
// deadline.
Task<std::optional<std::string>> OpenTunnel(Upstream& upstream, const runs::Route& route,
                                            const Proxy& proxy, size_t max_head_bytes);

// The head of a request to an `http` origin as a proxy wants it: the target in absolute form (RFC
// 9112 section 3.2.2), and who asks.
std::string ProxiedHead(std::string_view head, const runs::Route& route, const Proxy& proxy);

// What a proxy answered that refuses, as the end of a sentence.
std::string RefusalOf(const ResponseHead& head, const Proxy& proxy);

}  // namespace murphy::wire
