// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/exchange/effect.h"
#include "daemon/runs/route.h"
#include "daemon/wire/http1/head.h"

namespace murphy::wire {

// A request target of the gateway, `/r/RUN/ROUTE/path?query`, taken apart.
struct GatewayTarget {
  std::string_view run;
  std::string_view route;
  // What the upstream gets after the route's prefix; begins with `/` or `?`, or is empty.
  std::string_view rest;
};
std::optional<GatewayTarget> SplitTarget(std::string_view target);

// Whether a path climbs out of what stands before it, as a server may read it that takes `%2e`,
// `%2f`, `%5c`, backslashes and path parameters for what they resemble.
bool LeavesRoute(std::string_view rest);

// What a forwarded request changes besides the target, Host, hop-by-hop fields (RFC 9110
// section 7.6.1) and `x-murphy-*`.
struct RequestChanges {
  // As faults asked for them.
  const exchange::HeadEdits* edits = nullptr;
  // `Accept-Encoding: identity`, because the answer will be edited.
  bool identity = false;
  // Drop `Expect`: it has been answered.
  bool drop_expect = false;
  // The body is another one, of this length, and not coded.
  std::optional<uint64_t> length;
};

// The head that the upstream gets. Lines that stay are copied as they were received.
std::string ForwardedRequest(const RequestHead& head, const runs::Route& route,
                             const GatewayTarget& target, const RequestChanges& changes);

// What a forwarded answer changes.
struct AnswerChanges {
  const exchange::HeadEdits* edits = nullptr;
  // The lines that say how long the body is go; `framing_line`, with CRLF, stands for them.
  bool reframed = false;
  std::string framing_line;
  // The coding of the content has been taken off.
  bool decoded = false;
  // Base of the gateway's own URLs for this route, for `Location`: `http://HOST/r/RUN/ROUTE`.
  std::string gateway_base;
};

// The head that the agent gets.
std::string ForwardedResponse(const ResponseHead& head, const runs::Route& route,
                              const AnswerChanges& changes);

// A redirect inside the upstream's origin, led back through the gateway; nullopt for any other.
std::optional<std::string> RewrittenLocation(std::string_view location, const runs::Route& route,
                                             std::string_view gateway_base);

}  // namespace murphy::wire
