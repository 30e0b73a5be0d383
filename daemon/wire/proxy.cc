// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/proxy.h"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"

namespace murphy::wire {
namespace {

absl::Status Wrong(std::string_view field, std::string_view why) {
  return absl::InvalidArgumentError(fmt::format(
      "{} is no proxy: {}. Expected http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with what "
      "is special in a password percent-encoded (`@` is %40).",
      field, why));
}

absl::StatusOr<Proxy> ReadProxy(std::string_view field, std::string text) {
  if (text.find("://") == std::string::npos) text.insert(0, "http://");
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return Wrong(field, "it cannot be read as a URL");
  const boost::urls::url_view& view = *parsed;
  if (view.scheme_id() != boost::urls::scheme::http)
    return Wrong(field, "its scheme is not http, and other ways to speak to a proxy are not offered");
  if (view.host().empty()) return Wrong(field, "it names no host");
  if (view.has_query() || view.has_fragment() ||
      (!view.encoded_path().empty() && view.encoded_path() != "/"))
    return Wrong(field, "something follows its host and port");
  Proxy proxy{.host = std::string(view.host_address())};
  const std::string port(view.port());
  if (!port.empty()) {
    const std::optional<uint16_t> number = runs::ReadPort(port);
    if (!number.has_value()) return Wrong(field, "its port is not between 1 and 65535");
    proxy.port = *number;
  }
  proxy.name = fmt::format("{}:{}", std::string(view.encoded_host()), proxy.port);
  if (!view.has_userinfo()) return proxy;
  // A name ends at the first colon (RFC 7617 section 2).
  if (view.user().find(':') != std::string::npos)
    return Wrong(field, "there is a colon in its user name");
  proxy.authorization = "Basic " + absl::Base64Escape(view.user() + ":" + view.password());
  return proxy;
}

struct Found {
  std::string name;
  std::string value;
};

// Nothing when it is unset in both spellings.
std::optional<Found> FindVariable(const Proxies::Environment& environment, std::string name) {
  for (const bool capitals : {false, true}) {
    if (capitals) {
      for (char& c : name) c = absl::ascii_toupper(static_cast<unsigned char>(c));
    }
    const char* const value = environment(name.c_str());
    if (value != nullptr && *value != '\0') return Found{name, value};
  }
  return std::nullopt;
}

absl::Status ReadVariable(const Proxies::Environment& environment, const std::string& name,
                          std::optional<Proxy>& out) {
  const std::optional<Found> found = FindVariable(environment, name);
  if (!found.has_value()) return absl::OkStatus();
  absl::StatusOr<Proxy> proxy =
      ReadProxy(found->name + " in the environment of the daemon", found->value);
  if (!proxy.ok()) return proxy.status();
  out = *std::move(proxy);
  return absl::OkStatus();
}

absl::Status AddDirect(std::string_view field, std::string_view entry, std::vector<Bypass>& out) {
  const absl::StatusOr<Bypass> bypass = Bypass::Read(entry);
  if (!bypass.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{} has `{}`, and {}.", field, entry, std::string(bypass.status().message())));
  }
  out.push_back(*bypass);
  return absl::OkStatus();
}

absl::Status ReadDirect(const v1::GatewayConfig& config, const Proxies::Environment& environment,
                        std::vector<Bypass>& out) {
  for (const std::string& entry : config.no_proxy()) {
    if (absl::Status status = AddDirect("gateway.no_proxy", entry, out); !status.ok())
      return status;
  }
  if (config.no_proxy_size() > 0) return absl::OkStatus();
  const std::optional<Found> found = FindVariable(environment, "no_proxy");
  if (!found.has_value()) return absl::OkStatus();
  const std::vector<std::string> entries =
      absl::StrSplit(found->value, absl::ByAnyChar(", \t"), absl::SkipEmpty());
  for (const std::string& entry : entries) {
    absl::Status status =
        AddDirect(found->name + " in the environment of the daemon", entry, out);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Proxies> Proxies::Read(const v1::GatewayConfig& config,
                                      const Environment& environment) {
  Proxies out;
  if (!config.has_proxy()) {
    for (const auto& [name, proxy] :
         {std::pair{"http_proxy", &out.plain_}, std::pair{"https_proxy", &out.secure_}}) {
      absl::Status status = ReadVariable(environment, name, *proxy);
      if (!status.ok()) return status;
    }
  } else if (!config.proxy().empty()) {
    absl::StatusOr<Proxy> proxy = ReadProxy("gateway.proxy", config.proxy());
    if (!proxy.ok()) return proxy.status();
    out.plain_ = out.secure_ = *std::move(proxy);
  }
  // What nothing uses cannot be wrong.
  if (!out.plain_.has_value() && !out.secure_.has_value() && config.no_proxy_size() == 0)
    return out;
  absl::Status status = ReadDirect(config, environment, out.direct_);
  if (!status.ok()) return status;
  return out;
}

bool Proxies::Direct(const runs::Route& route) const {
  if (IsLoopback(route.host)) return true;
  for (const Bypass& bypass : direct_) {
    if (bypass.Covers(route.host, route.port)) return true;
  }
  return false;
}

}  // namespace murphy::wire
