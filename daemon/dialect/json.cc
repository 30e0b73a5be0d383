// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/json.h"

#include <algorithm>

namespace murphy::dialect {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

size_t SkipBlanks(std::string_view json, size_t at) {
  return std::min(json.find_first_not_of(kBlanks, at), json.size());
}

// The string that a text begins with.
std::optional<std::string_view> LeadingString(std::string_view text) {
  if (text.empty() || text.front() != '"') return std::nullopt;
  for (size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return text.substr(1, at - 1);
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> ScanText(std::string_view json, std::string_view key) {
  // A letter is rarer than a quotation mark: the key is looked for without its own.
  for (size_t at = 0; (at = json.find(key, at)) != std::string_view::npos; at += key.size()) {
    const size_t end = at + key.size();
    if (at == 0 || json[at - 1] != '"' || end == json.size() || json[end] != '"') continue;
    const size_t colon = SkipBlanks(json, end + 1);
    if (colon == json.size() || json[colon] != ':') continue;
    if (const auto text = LeadingString(json.substr(SkipBlanks(json, colon + 1)))) return text;
  }
  return std::nullopt;
}

}  // namespace murphy::dialect
