// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/environment.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <tuple>

#include "fmt/format.h"

namespace murphy::cli {
namespace {

struct RouteRow {
  std::string_view route;
  std::string_view upstream;
};

constexpr auto kRoutes = std::to_array<RouteRow>({
#define MURPHY_ROUTE(route, upstream) {route, upstream},
#define MURPHY_VARIABLE(route, name, path)
#include "tools/murphy/families.inc"
#undef MURPHY_ROUTE
#undef MURPHY_VARIABLE
});

constexpr auto kVariables = std::to_array<VariableRow>({
#define MURPHY_ROUTE(route, upstream)
#define MURPHY_VARIABLE(route, name, path) {route, name, path},
#include "tools/murphy/families.inc"
#undef MURPHY_ROUTE
#undef MURPHY_VARIABLE
});

// A base URL in its parts: `origin` has scheme, host and port.
struct BaseUrl {
  std::string origin;
  std::string userinfo;
  std::string path;
};

std::optional<BaseUrl> ParseBaseUrl(std::string_view text) {
  const size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = text.substr(0, scheme_end);
  if (scheme != "http" && scheme != "https") return std::nullopt;
  const std::string_view rest = text.substr(scheme_end + 3);
  const size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  BaseUrl url;
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  if (authority.empty()) return std::nullopt;
  url.origin = fmt::format("{}://{}", scheme, authority);
  url.path = rest.substr(authority_end);
  return url;
}

std::string RouteNamedAfter(std::string_view variable) {
  std::string name;
  for (const char c : variable) {
    name += c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name;
}

std::string VariableNamedAfter(std::string_view route) {
  std::string name = "MURPHY_ROUTE_";
  for (const char c : route) {
    const auto byte = static_cast<unsigned char>(c);
    name += std::isalnum(byte) ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return name;
}

// A family whose route is on the command line: its URL wins, and a path in it is the whole prefix.
void AssignExplicit(const RouteRow& row, const std::string& upstream, Interception& plan) {
  const std::optional<BaseUrl> url = ParseBaseUrl(upstream);
  const bool has_path = url && url->path.size() > 1;
  for (const VariableRow& variable : kVariables) {
    if (variable.route != row.route) continue;
    plan.assignments.push_back({std::string(variable.name),
                                std::string(row.route),
                                has_path ? std::string() : std::string(variable.path),
                                {},
                                upstream});
  }
}

// A family of the environment. Variables that are set keep their path and upstream; a second
// upstream gets a route of its own.
void AssignFamily(const Environment& environment, const RouteRow& row, Interception& plan) {
  std::optional<BaseUrl> first;
  std::string_view first_path;
  std::vector<const VariableRow*> unset;
  for (const VariableRow& variable : kVariables) {
    if (variable.route != row.route) continue;
    const std::string_view value = Get(environment, variable.name);
    if (value.empty()) {
      unset.push_back(&variable);
      continue;
    }
    const std::optional<BaseUrl> url = ParseBaseUrl(value);
    if (!url) {
      plan.warnings.push_back(fmt::format(
          "{} is not an http or https URL, so it is left alone and its traffic is not seen.",
          variable.name));
      continue;
    }
    std::string route(row.route);
    if (!first) {
      first = url;
      first_path = variable.path;
    } else if (first->origin != url->origin) {
      route = RouteNamedAfter(variable.name);
    }
    // With a path: what the agent calls was meant for just this upstream.
    if (url->origin != row.upstream) plan.routes.emplace(route, url->origin + "/");
    plan.assignments.push_back({std::string(variable.name), route, url->path, url->userinfo});
  }
  if (!first && row.upstream.empty()) return;
  for (const VariableRow* variable : unset) {
    const bool alike = first && first_path == variable->path;
    plan.assignments.push_back({std::string(variable->name), std::string(row.route),
                                alike ? first->path : std::string(variable->path),
                                first ? first->userinfo : std::string()});
  }
}

std::string RouteUrl(const v1::StartRunResponse& started, const std::string& route) {
  const auto found = started.route_urls().find(route);
  if (found != started.route_urls().end()) return found->second;
  return fmt::format("{}/r/{}/{}", started.gateway(), started.run().id(), route);
}

std::string WithUserinfo(std::string url, const std::string& userinfo) {
  if (userinfo.empty()) return url;
  const size_t authority = url.find("://");
  if (authority != std::string::npos) url.insert(authority + 3, userinfo + "@");
  return url;
}

// The gateway must be reached directly, whatever proxy the user has, also where it listens on IPv6
// (without brackets, on which some clients fail).
void BypassProxies(Environment& environment) {
  const std::string upper(Get(environment, "NO_PROXY"));
  const std::string lower(Get(environment, "no_proxy"));
  for (const auto& [name, own, other] :
       {std::tuple{"NO_PROXY", upper, lower}, std::tuple{"no_proxy", lower, upper}}) {
    std::string value = own.empty() ? other : own;
    if (value == "*") continue;
    for (const std::string_view host : {"127.0.0.1", "localhost", "::1"}) {
      if (fmt::format(",{},", value).find(fmt::format(",{},", host)) != std::string::npos) continue;
      if (!value.empty()) value += ',';
      value += host;
    }
    environment[name] = value;
  }
}

}  // namespace

Environment ReadEnvironment(const char* const* entries) {
  Environment environment;
  for (; *entries != nullptr; ++entries) {
    const std::string_view entry(*entries);
    const size_t equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return environment;
}

std::string_view Get(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

std::span<const VariableRow> VariableRows() { return kVariables; }

Interception PlanInterception(const Environment& environment,
                              const std::map<std::string, std::string>& routes) {
  Interception plan;
  plan.routes = routes;
  for (const RouteRow& row : kRoutes) {
    const auto named = routes.find(std::string(row.route));
    if (named != routes.end()) {
      AssignExplicit(row, named->second, plan);
    } else {
      AssignFamily(environment, row, plan);
    }
  }
  for (const auto& [name, upstream] : routes) {
    plan.assignments.push_back({VariableNamedAfter(name), name, {}, {}, upstream});
  }
  return plan;
}

namespace {

// What leads to the control API.
void HideSecrets(Environment& environment) {
  for (const char* secret : {"MURPHY_DAEMON", "MURPHY_TOKEN_FILE", "MURPHY_STATE_DIR", "MURPHYD"}) {
    environment.erase(secret);
  }
}

std::string GatewayUrl(const v1::StartRunResponse& started, const Assignment& assignment) {
  return WithUserinfo(RouteUrl(started, assignment.route), assignment.userinfo) + assignment.path;
}

std::string VariableVia(std::string_view variable) {
  constexpr std::string_view kOwn = "MURPHY_";
  if (variable.starts_with(kOwn)) variable.remove_prefix(kOwn.size());
  return fmt::format("MURPHY_VIA_{}", variable);
}

}  // namespace

Environment ChildEnvironment(Environment environment, const Interception& interception,
                             const v1::StartRunResponse& started, const std::string& report_file) {
  HideSecrets(environment);
  for (const Assignment& assignment : interception.assignments)
    environment[assignment.variable] = GatewayUrl(started, assignment);
  BypassProxies(environment);
  environment["MURPHY_RUN"] = started.run().id();
  environment["MURPHY_GATEWAY"] = started.gateway();
  environment["MURPHY_REPORT_FILE"] = report_file;
  return environment;
}

Environment CheckerEnvironment(Environment environment, const Interception& interception,
                               const v1::StartRunResponse& started,
                               const std::string& report_file) {
  HideSecrets(environment);
  for (const Assignment& assignment : interception.assignments) {
    environment[VariableVia(assignment.variable)] = GatewayUrl(started, assignment);
    if (assignment.upstream.empty()) continue;
    std::string upstream = assignment.upstream;
    while (upstream.ends_with('/')) upstream.pop_back();
    environment[assignment.variable] = upstream + assignment.path;
  }
  BypassProxies(environment);
  environment["MURPHY_RUN"] = started.run().id();
  environment["MURPHY_GATEWAY"] = started.gateway();
  environment["MURPHY_REPORT_FILE"] = report_file;
  return environment;
}

}  // namespace murphy::cli
