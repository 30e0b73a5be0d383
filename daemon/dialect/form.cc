// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/form.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "daemon/dialect/text.h"
#include "faults/message/headers.h"

namespace murphy::dialect {
namespace {

bool Begins(std::string_view type, std::string_view with) {
  return message::EqualsIgnoreCase(type.substr(0, with.size()), with);
}

// The `boundary` parameter of a media type; empty for none.
std::string_view BoundaryOf(std::string_view type) {
  constexpr std::string_view kName = "boundary=";
  for (size_t at = type.find(';'); at != std::string_view::npos; at = type.find(';', at)) {
    type.remove_prefix(at + 1);
    type.remove_prefix(std::min(type.find_first_not_of(" \t"), type.size()));
    at = 0;
    if (!Begins(type, kName)) continue;
    std::string_view value = type.substr(kName.size());
    if (value.starts_with('"')) return value.substr(1, value.find('"', 1) - 1);
    return value.substr(0, value.find_first_of("; \t"));
  }
  return {};
}

}  // namespace

std::optional<std::string> FormAsMeant(std::string_view type, std::string_view body) {
  if (Begins(type, "multipart/")) {
    const std::string_view boundary = BoundaryOf(type);
    if (boundary.empty()) return std::nullopt;
    return absl::StrReplaceAll(Absl(body), {{Absl(boundary), "-"}});
  }
  if (Begins(type, "application/x-www-form-urlencoded")) {
    std::vector<absl::string_view> fields = absl::StrSplit(Absl(body), '&');
    std::sort(fields.begin(), fields.end());
    return absl::StrJoin(fields, "&");
  }
  return std::nullopt;
}

}  // namespace murphy::dialect
