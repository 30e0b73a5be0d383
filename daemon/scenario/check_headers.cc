// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "daemon/scenario/check.h"
#include "fmt/format.h"

namespace murphy::scenario {
namespace {

// RFC 9110 section 5.6.2.
bool IsToken(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) !=
                                         std::string_view::npos;
  });
}

// RFC 9110 section 5.5.
bool IsValue(std::string_view value) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  if (value.empty()) return true;
  return !blank(value.front()) && !blank(value.back()) &&
         std::all_of(value.begin(), value.end(), [&](unsigned char c) {
           return c == '\t' || (c >= ' ' && c != 0x7f);
         });
}

// What the gateway itself says of a message: another one would make a different message of it.
bool IsFraming(std::string_view name) {
  for (const std::string_view framing :
       {"connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade"}) {
    if (name == framing) return true;
  }
  return false;
}

}  // namespace

void CheckHeaderName(Review& review, const std::string& path, const std::string& name) {
  if (IsToken(name)) return;
  review.Say(path, name.empty() ? "a header needs a name"
                                : "is no name of a header: letters, digits and `-`, without spaces "
                                  "or line breaks");
}

void CheckWrittenHeaders(Review& review, const std::string& path, const HeaderMap& headers) {
  CheckHeaders(review, path, headers);
  const std::map<std::string, std::string> sorted(headers.begin(), headers.end());
  for (const auto& [name, value] : sorted) {
    const std::string lower = absl::AsciiStrToLower(name);
    const std::string own = fmt::format("{}.{}", path, name);
    if (IsFraming(lower)) {
      review.Say(own, fmt::format("`{}` says where a message ends and what becomes of its "
                                  "connection: that is the gateway's to say",
                                  lower));
    } else if (absl::StartsWith(lower, "x-murphy-")) {
      review.Say(own, "headers that begin with `x-murphy-` are Murphy's own: an injected answer "
                      "cannot be told from a real one");
    }
  }
}

void CheckHeaders(Review& review, const std::string& path, const HeaderMap& headers) {
  // Sorted: what is said must not depend on the order of a protobuf map.
  const std::map<std::string, std::string> sorted(headers.begin(), headers.end());
  std::map<std::string, std::string> seen;
  for (const auto& [name, value] : sorted) {
    const std::string own = fmt::format("{}.{}", path, name);
    CheckHeaderName(review, own, name);
    if (!IsValue(value)) {
      review.Say(own, "the value of a header is one line, without spaces around it or control "
                      "characters in it");
    }
    const auto [first, fresh] = seen.emplace(absl::AsciiStrToLower(name), name);
    if (!fresh) review.Say(own, fmt::format("is the same header as `{}`", first->second));
  }
}

void CheckHeaderValue(Review& review, const std::string& path, const std::string& value) {
  if (value.empty() || !IsValue(value)) {
    review.Say(path, "must be one line, without spaces around it or control characters in it");
  }
}

}  // namespace murphy::scenario
