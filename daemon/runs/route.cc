// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/route.h"

#include <fmt/format.h>

#include <array>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"

namespace murphy::runs {
namespace {

struct BuiltIn {
  std::string_view name;
  std::string_view url;
  std::string_view provider;
};

// Origins of the providers, without the version prefix that the agent's own base URL carries.
constexpr std::array<BuiltIn, 10> kBuiltIn = {{
    {"openai", "https://api.openai.com", "openai"},
    {"anthropic", "https://api.anthropic.com", "anthropic"},
    {"gemini", "https://generativelanguage.googleapis.com", ""},
    {"mistral", "https://api.mistral.ai", "openai"},
    {"cohere", "https://api.cohere.com", ""},
    {"groq", "https://api.groq.com", "openai"},
    {"openrouter", "https://openrouter.ai", "openai"},
    {"deepseek", "https://api.deepseek.com", "openai"},
    {"together", "https://api.together.xyz", "openai"},
    {"xai", "https://api.x.ai", "openai"},
}};

// Addresses at which clouds serve credentials to whoever asks.
bool IsLinkLocal(std::string_view host) {
  return host.starts_with("169.254.") || host.starts_with("fe80:") || host.starts_with("FE80:") ||
         host == "metadata.google.internal" || host == "fd00:ec2::254";
}

absl::Status Wrong(std::string_view name, std::string_view url, std::string_view why) {
  return absl::InvalidArgumentError(
      fmt::format("The upstream of route `{}` is `{}`, and {}. Expected an origin such as "
                  "https://api.example.com or http://127.0.0.1:8080/prefix.",
                  name, url, why));
}

bool IsName(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_') return false;
  }
  return true;
}

}  // namespace

std::optional<uint16_t> ReadPort(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

absl::StatusOr<Route> ParseRoute(std::string_view name, std::string_view url,
                                 std::string_view provider, bool allow_link_local) {
  if (!IsName(name)) {
    return absl::InvalidArgumentError(
        fmt::format("A route is named `{}`; expected letters, digits, `-` and `_`.", name));
  }
  const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
  if (!parsed) return Wrong(name, url, "that is no URL");
  const boost::urls::url_view& view = *parsed;
  Route route{.name = std::string(name), .provider = std::string(provider)};
  route.tls = view.scheme() == "https";
  if (!route.tls && view.scheme() != "http")
    return Wrong(name, url, "its scheme is neither http nor https");
  if (view.host().empty()) return Wrong(name, url, "it names no host");
  if (view.has_userinfo()) return Wrong(name, url, "it carries a user name or password");
  if (view.has_query() || view.has_fragment())
    return Wrong(name, url, "it has a query or fragment");
  route.host = std::string(view.host_address());
  route.authority = std::string(view.encoded_host_and_port());
  route.port = route.tls ? 443 : 80;
  if (view.has_port()) {
    const std::optional<uint16_t> port = ReadPort(std::string(view.port()));
    if (!port.has_value()) return Wrong(name, url, "its port is not between 1 and 65535");
    route.port = *port;
  }
  route.prefix = std::string(view.encoded_path());
  route.says_path = !route.prefix.empty();
  while (route.prefix.ends_with('/')) route.prefix.pop_back();
  if (!allow_link_local && IsLinkLocal(route.host)) {
    return Wrong(name, url,
                 "link-local and metadata addresses hand out credentials; only the daemon's "
                 "configuration may name them");
  }
  return route;
}

std::shared_ptr<const Route> ForCall(std::shared_ptr<const Route> route, std::string_view path) {
  if (route->says_path || route->provider != "anthropic" || !path.starts_with('/')) return route;
  const std::string_view first = path.substr(1, path.find_first_of("/?", 1) - 1);
  if (first != "messages" && first != "models" && first != "complete") return route;
  Route versioned = *route;
  versioned.prefix = "/v1";
  return std::make_shared<const Route>(std::move(versioned));
}

RouteTable BuiltInRoutes() {
  RouteTable routes;
  for (const BuiltIn& known : kBuiltIn) {
    const auto route = ParseRoute(known.name, known.url, known.provider, false);
    if (route.ok()) routes.emplace(known.name, std::make_shared<const Route>(*route));
  }
  return routes;
}

}  // namespace murphy::runs
