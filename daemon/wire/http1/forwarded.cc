// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/http1/forwarded.h"

#include <algorithm>
#include <array>
#include <vector>

namespace murphy::wire {
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
    if (message::EqualsIgnoreCase(name, hop)) return true;
  }
  return false;
}

bool IsOurs(std::string_view name) {
  constexpr std::string_view kPrefix = "x-murphy-";
  return name.size() >= kPrefix.size() &&
         message::EqualsIgnoreCase(name.substr(0, kPrefix.size()), kPrefix);
}

// Fields that a `Connection` line may never make us drop: they decide where a request goes, what it
// is, and how long.
bool IsEssential(std::string_view name) {
  for (const std::string_view essential :
       {"host", "content-length", "transfer-encoding", "content-type", "authorization", "cookie"}) {
    if (message::EqualsIgnoreCase(name, essential)) return true;
  }
  return false;
}

// Values of the Connection lines that name further fields; usually empty.
std::vector<std::string_view> NamedFields(const message::Headers& headers) {
  std::vector<std::string_view> named;
  for (const message::Headers::Line line : headers) {
    if (!message::EqualsIgnoreCase(line.name, "connection")) continue;
    if (message::EqualsIgnoreCase(line.value, "keep-alive") ||
        message::EqualsIgnoreCase(line.value, "close"))
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

// Carries out edits while the lines of a head are copied.
class Editing {
 public:
  explicit Editing(const exchange::HeadEdits* edits) : edits_(edits) {
    if (edits_ != nullptr) used_.resize(edits_->set.size());
  }

  // True: the line is not to be copied; what takes its place has been written.
  bool Takes(const message::Headers::Line& line, std::string& out) {
    if (edits_ == nullptr) return false;
    for (const std::string& name : edits_->remove) {
      if (message::EqualsIgnoreCase(line.name, name)) return true;
    }
    for (size_t i = 0; i < edits_->set.size(); ++i) {
      if (!message::EqualsIgnoreCase(line.name, edits_->set[i].name)) continue;
      if (!used_[i]) AppendLine(out, line.name, edits_->set[i].value);
      used_[i] = true;
      return true;
    }
    return false;
  }

  // What replaced no line comes last.
  void Rest(std::string& out) const {
    for (size_t i = 0; i < used_.size(); ++i) {
      if (!used_[i]) AppendLine(out, edits_->set[i].name, edits_->set[i].value);
    }
  }

 private:
  const exchange::HeadEdits* edits_;
  std::vector<bool> used_;
};

bool FramesBody(std::string_view name) {
  return message::EqualsIgnoreCase(name, "content-length") ||
         message::EqualsIgnoreCase(name, "transfer-encoding");
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

namespace {

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string PercentDecoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && HexValue(text[i + 1]) >= 0 &&
                       HexValue(text[i + 2]) >= 0;
    out += coded ? static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2])) : text[i];
    if (coded) i += 2;
  }
  return out;
}

// Some servers drop blanks and control characters, and what is left may be two dots.
std::string WithoutBlanks(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](char c) { return static_cast<unsigned char>(c) <= ' '; });
  return out;
}

}  // namespace

bool LeavesRoute(std::string_view rest) {
  const std::string_view raw = rest.substr(0, rest.find('?'));
  if (raw.find("..") == std::string_view::npos && raw.find('%') == std::string_view::npos)
    return false;
  const std::string decoded = PercentDecoded(raw);
  std::string_view path = decoded;
  int depth = 0;
  while (!path.empty()) {
    const size_t end = std::min(path.find_first_of("/\\"), path.size());
    const std::string segment = WithoutBlanks(path.substr(0, end).substr(0, path.find(';')));
    if (segment == "..") {
      if (--depth < 0) return true;
    } else if (!segment.empty() && segment != ".") {
      ++depth;
    }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

std::string ForwardedRequest(const RequestHead& head, const runs::Route& route,
                             const GatewayTarget& target, const RequestChanges& changes) {
  std::string out;
  out.reserve(head.size + route.authority.size() + route.prefix.size() + 64);
  out.append(head.method).append(" ").append(route.prefix);
  if ((target.rest.empty() || target.rest.front() == '?') && route.prefix.empty()) out.append("/");
  out.append(target.rest).append(head.minor_version == 1 ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
  const std::vector<std::string_view> named = NamedFields(head.headers);
  Editing editing(changes.edits);
  const auto is = [](const message::Headers::Line& line, std::string_view name) {
    return message::EqualsIgnoreCase(line.name, name);
  };
  for (const message::Headers::Line line : head.headers) {
    if (is(line, "host")) {
      AppendLine(out, line.name, route.authority);
      continue;
    }
    if (IsHopByHop(line.name) || IsOurs(line.name) || IsNamed(named, line.name)) continue;
    if (changes.identity && is(line, "accept-encoding")) continue;
    if (changes.drop_expect && is(line, "expect")) continue;
    if (changes.length.has_value() && (FramesBody(line.name) || is(line, "content-encoding")))
      continue;
    if (!editing.Takes(line, out)) out.append(line.raw);
  }
  if (changes.identity) AppendLine(out, "Accept-Encoding", "identity");
  if (changes.length.has_value())
    AppendLine(out, "Content-Length", std::to_string(*changes.length));
  editing.Rest(out);
  out.append("\r\n");
  return out;
}

std::string ForwardedResponse(const ResponseHead& head, const runs::Route& route,
                              const AnswerChanges& changes) {
  std::string out;
  out.reserve(head.size + 64);
  out.append(head.status_line);
  const std::vector<std::string_view> named = NamedFields(head.headers);
  Editing editing(changes.edits);
  for (const message::Headers::Line line : head.headers) {
    if (IsHopByHop(line.name) || IsOurs(line.name) || IsNamed(named, line.name)) continue;
    if (changes.reframed && FramesBody(line.name)) continue;
    if (changes.decoded && message::EqualsIgnoreCase(line.name, "content-encoding")) continue;
    if (editing.Takes(line, out)) continue;
    if (message::EqualsIgnoreCase(line.name, "location")) {
      if (const auto moved = RewrittenLocation(line.value, route, changes.gateway_base)) {
        AppendLine(out, line.name, *moved);
        continue;
      }
    }
    out.append(line.raw);
  }
  editing.Rest(out);
  out.append(changes.framing_line).append("\r\n");
  return out;
}

std::optional<std::string> RewrittenLocation(std::string_view location, const runs::Route& route,
                                             std::string_view gateway_base) {
  std::string_view path = location;
  const std::string origin = (route.tls ? "https://" : "http://") + route.authority;
  if (message::EqualsIgnoreCase(location.substr(0, origin.size()), origin))
    path.remove_prefix(origin.size());
  if (path.empty()) path = "/";
  // `//host` leads elsewhere; anything without a leading slash is relative and works as it is.
  if (path.front() != '/' || (path.size() > 1 && path[1] == '/')) return std::nullopt;
  if (path.substr(0, route.prefix.size()) != route.prefix) return std::nullopt;
  path.remove_prefix(route.prefix.size());
  // `/v1beta` is not below `/v1`.
  const bool below = path.empty() || path.find_first_of("/?#") == 0;
  if (!below) return std::nullopt;
  return std::string(gateway_base).append(path);
}

}  // namespace murphy::wire
