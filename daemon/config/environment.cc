// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "daemon/config/prescan.h"
#include "daemon/config/reader.h"
#include "daemon/config/toml.h"

namespace murphy::config {
namespace {

constexpr std::string_view kRedacted = "\"[redacted]\"";

// Columns count characters.
size_t OffsetOf(std::string_view text, const Location& location) {
  size_t at = 0;
  for (int line = 1; line < location.line; ++line) at = text.find('\n', at) + 1;
  for (int column = 1; column < location.column && at < text.size(); ++column) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
  }
  return at;
}

size_t EndOfValue(std::string_view text, size_t at) {
  if (text[at] == '"' || text[at] == '\'') {
    const size_t end = EndOfString(text, at);
    return end == 0 ? text.size() : end;
  }
  return std::min(text.find_first_of(",}\r\n#", at), text.size());
}

}  // namespace

std::string WithoutEnvironment(std::string_view text) {
  std::vector<Slip> slips;
  const Value tree = ParseToml(text, slips);
  if (!slips.empty()) return {};
  std::string clean(text);
  const Entry* run = Find(tree, "run");
  const Entry* env = run == nullptr ? nullptr : Find(run->value, "env");
  if (env == nullptr) return clean;
  if (env->value.kind != Value::Kind::kTable) return {};
  std::vector<Location> values;
  for (const Entry& entry : env->value.entries) values.push_back(entry.value.location);
  // From the end, so that the places of the others stay what they are.
  std::sort(values.begin(), values.end(), [](const Location& a, const Location& b) {
    return std::pair(a.line, a.column) > std::pair(b.line, b.column);
  });
  for (const Location& value : values) {
    const size_t at = OffsetOf(clean, value);
    if (at >= clean.size()) return {};
    clean.replace(at, EndOfValue(clean, at) - at, kRedacted);
  }
  return clean;
}

}  // namespace murphy::config
