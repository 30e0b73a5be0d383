// SPDX-License-Identifier: Apache-2.0
#include "daemon/proxy/rewrite.h"

#include <array>

namespace murphy::proxy {
namespace {

constexpr std::array<std::string_view, 6> kHopByHop = {
    "connection", "keep-alive", "proxy-connection", "te", "upgrade", "proxy-authorization"};

bool IsHopByHop(std::string_view name) {
  // The first letter rules out most fields at once.
  switch (name.empty() ? '\0' : name[0] | 0x20) {
    case 'c':
    case 'k':
    case 'p':
    case 't':
    case 'u':
      break;
    default:
      return false;
  }
  for (const std::string_view hop : kHopByHop) {
    if (EqualsIgnoreCase(name, hop)) return true;
  }
  return false;
}

bool IsOurs(std::string_view name) {
  constexpr std::string_view kPrefix = "x-murphy-";
  return name.size() >= kPrefix.size() && EqualsIgnoreCase(name.substr(0, kPrefix.size()), kPrefix);
}

// Fields that a `Connection` line may never make us drop: they decide where a request goes, what it
// is, and how long.
bool IsEssential(std::string_view name) {
  for (const std::string_view essential :
       {"host", "content-length", "transfer-encoding", "content-type", "authorization", "cookie"}) {
    if (EqualsIgnoreCase(name, essential)) return true;
  }
  return false;
}

// Values of the Connection lines that name further fields; usually empty.
std::vector<std::string_view> NamedFields(const std::vector<HeaderLine>& lines) {
  std::vector<std::string_view> named;
  for (const HeaderLine& line : lines) {
    if (!EqualsIgnoreCase(line.name, "connection")) continue;
    if (EqualsIgnoreCase(line.value, "keep-alive") || EqualsIgnoreCase(line.value, "close"))
      continue;
    named.push_back(line.value);
  }
  return named;
}

bool IsNamed(const std::vector<std::string_view>& named, std::string_view name) {
  for (const std::string_view list : named) {
    if (HasToken(list, name) && !IsEssential(name)) return true;
  }
  return false;
}

void AppendLine(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

std::string_view OriginOf(const runs::Route& route, std::string& scratch) {
  scratch = (route.tls ? "https://" : "http://") + route.authority;
  return scratch;
}

}  // namespace

std::optional<GatewayTarget> SplitTarget(std::string_view target) {
  constexpr std::string_view kPrefix = "/r/";
  if (target.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  target.remove_prefix(kPrefix.size());
  const size_t slash = target.find('/');
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  GatewayTarget out{.run = target.substr(0, slash)};
  target.remove_prefix(slash + 1);
  const size_t end = std::min(target.find_first_of("/?"), target.size());
  if (end == 0) return std::nullopt;
  out.route = target.substr(0, end);
  out.rest = target.substr(end);
  return out;
}

std::string ForwardedRequest(const RequestHead& head, const runs::Route& route,
                             const GatewayTarget& target, const RequestEdits& edits) {
  std::string out;
  out.reserve(head.size + route.authority.size() + route.prefix.size() + 64);
  out.append(head.method).append(" ").append(route.prefix);
  if (target.rest.empty() || target.rest.front() == '?') {
    if (route.prefix.empty()) out.append("/");
  }
  out.append(target.rest).append(head.minor_version == 1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
  const std::vector<std::string_view> named = NamedFields(head.lines);
  for (const HeaderLine& line : head.lines) {
    if (EqualsIgnoreCase(line.name, "host")) {
      AppendLine(out, line.name, route.authority);
      continue;
    }
    if (IsHopByHop(line.name) || IsOurs(line.name) || IsNamed(named, line.name)) continue;
    if (edits.identity && EqualsIgnoreCase(line.name, "accept-encoding")) continue;
    if (edits.drop_expect && EqualsIgnoreCase(line.name, "expect")) continue;
    out.append(line.raw);
  }
  if (edits.identity) AppendLine(out, "Accept-Encoding", "identity");
  out.append("\r\n");
  return out;
}

std::string ForwardedResponse(const ResponseHead& head, const runs::Route& route,
                              const ResponseEdits& edits) {
  std::string out;
  out.reserve(head.size + 64);
  out.append(head.status_line);
  const std::vector<std::string_view> named = NamedFields(head.lines);
  std::vector<bool> used(edits.set.size(), false);
  const auto replaced = [&](const HeaderLine& line) {
    for (size_t i = 0; i < edits.set.size(); ++i) {
      if (!EqualsIgnoreCase(line.name, edits.set[i].first)) continue;
      if (!used[i]) AppendLine(out, line.name, edits.set[i].second);
      used[i] = true;
      return true;
    }
    return false;
  };
  for (const HeaderLine& line : head.lines) {
    if (IsHopByHop(line.name) || IsNamed(named, line.name)) continue;
    if (edits.reframed && (EqualsIgnoreCase(line.name, "content-length") ||
                           EqualsIgnoreCase(line.name, "transfer-encoding") ||
                           EqualsIgnoreCase(line.name, "content-encoding"))) {
      continue;
    }
    if (!edits.set.empty() && replaced(line)) continue;
    if (EqualsIgnoreCase(line.name, "location")) {
      if (const auto moved = RewrittenLocation(line.value, route, edits.gateway_base)) {
        AppendLine(out, line.name, *moved);
        continue;
      }
    }
    out.append(line.raw);
  }
  for (size_t i = 0; i < edits.set.size(); ++i) {
    if (!used[i]) AppendLine(out, edits.set[i].first, edits.set[i].second);
  }
  out.append(edits.framing_line).append("\r\n");
  return out;
}

std::optional<std::string> RewrittenLocation(std::string_view location, const runs::Route& route,
                                             std::string_view gateway_base) {
  std::string scratch;
  const std::string_view origin = OriginOf(route, scratch);
  std::string_view path = location;
  if (location.substr(0, origin.size()) == origin) path.remove_prefix(origin.size());
  if (path.empty()) path = "/";
  // `//host` leads elsewhere; anything without a leading slash is relative and works as it is.
  if (path.front() != '/' || (path.size() > 1 && path[1] == '/')) return std::nullopt;
  if (path.substr(0, route.prefix.size()) != route.prefix) return std::nullopt;
  path.remove_prefix(route.prefix.size());
  return std::string(gateway_base).append(path);
}

}  // namespace murphy::proxy
