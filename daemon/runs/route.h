// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "murphy/v1/config.pb.h"

namespace murphy::runs {

// Where a route leads.
struct Route {
  std::string name;
  bool tls = false;
  std::string host;
  uint16_t port = 80;
  // Value of the Host header: the authority as it was written.
  std::string authority;
  // Put before the agent's path; empty, or begins with `/` and does not end with it.
  std::string prefix;
  // As in RouteConfig; may be empty.
  std::string provider;
  // The upstream was written with a path, if only `/`: agents' paths are what they should be.
  bool says_path = false;
};

using RouteTable = std::map<std::string, std::shared_ptr<const Route>, std::less<>>;

// Reads 1 to 65535. Boost.URL takes what is too large for what is left of it.
std::optional<uint16_t> ReadPort(std::string_view text);

// Reads `http://host:port/prefix`. Link-local and metadata addresses are refused unless
// `allow_link_local`.
absl::StatusOr<Route> ParseRoute(std::string_view name, std::string_view url,
                                 std::string_view provider, bool allow_link_local);

// The route for one call: clients of one provider differ in whether its version is part of the base
// URL, as `@ai-sdk/anthropic`, which appends `/messages` where Anthropic's own appends
// `/v1/messages`. Both reach an upstream that is written without a path.
std::shared_ptr<const Route> ForCall(std::shared_ptr<const Route> route, std::string_view path);

// The known providers' routes.
RouteTable BuiltInRoutes();

}  // namespace murphy::runs
