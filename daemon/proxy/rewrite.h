// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/proxy/head.h"
#include "daemon/runs/route.h"

namespace murphy::proxy {

// A request target of the gateway, `/r/RUN/ROUTE/path?query`, taken apart.
struct GatewayTarget {
  std::string_view run;
  std::string_view route;
  // What the upstream gets after the route's prefix; begins with `/` or `?`, or is empty.
  std::string_view rest;
};
std::optional<GatewayTarget> SplitTarget(std::string_view target);

// What a forwarded request changes besides the target, Host, hop-by-hop fields (RFC 9110
// section 7.6.1) and `x-murphy-*`.
struct RequestEdits {
  // `Accept-Encoding: identity`, because the answer will be edited.
  bool identity = false;
  // Drop `Expect`: the gateway has answered it.
  bool drop_expect = false;
};

// The head that the upstream gets. Lines that stay are copied as they were received.
std::string ForwardedRequest(const RequestHead& head, const runs::Route& route,
                             const GatewayTarget& target, const RequestEdits& edits);

// What a forwarded answer changes.
struct ResponseEdits {
  // The gateway frames the body itself: the upstream's framing and coding lines go.
  bool reframed = false;
  // Framing line to put in their place, with CRLF.
  std::string framing_line;
  // Lines set by faults, in order: replace the first of that name, or come last.
  std::vector<std::pair<std::string, std::string>> set;
  // Base of the gateway's own URLs for this route, for `Location`: `http://HOST/r/RUN/ROUTE`.
  std::string gateway_base;
};

// The head that the agent gets.
std::string ForwardedResponse(const ResponseHead& head, const runs::Route& route,
                              const ResponseEdits& edits);

// A redirect inside the upstream's origin, led back through the gateway; nullopt for any other.
std::optional<std::string> RewrittenLocation(std::string_view location, const runs::Route& route,
                                             std::string_view gateway_base);

}  // namespace murphy::proxy
