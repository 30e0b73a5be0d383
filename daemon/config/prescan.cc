// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/prescan.h"

#include <algorithm>

#include "fmt/format.h"

namespace murphy::config {

size_t EndOfString(std::string_view text, size_t at) {
  const char quote = text[at];
  const std::string_view triple = quote == '"' ? "\"\"\"" : "'''";
  const bool multi_line = text.substr(at).starts_with(triple);
  for (size_t i = at + (multi_line ? 3 : 1); i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (multi_line && text.substr(i).starts_with(triple)) {
      // Up to two quotes may belong to the contents.
      size_t end = i + 3;
      while (end < text.size() && end < i + 5 && text[end] == quote) ++end;
      return end;
    } else if (!multi_line && text[i] == quote) {
      return i + 1;
    } else if (!multi_line && text[i] == '\n') {
      return 0;
    }
  }
  return 0;
}

namespace {

Location LocationAt(std::string_view text, size_t at) {
  Location location{1, 1};
  for (const char c : text.substr(0, at)) {
    if (c == '\n') {
      location = {location.line + 1, 1};
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++location.column;
    }
  }
  return location;
}

}  // namespace

std::optional<Slip> Prescan(std::string_view text) {
  int dots = 0;
  int depth = 0;
  size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == '"' || c == '\'') {
      // Its contents hold no keys.
      const size_t end = EndOfString(text, i);
      if (end == 0) {
        return Slip{LocationAt(text, i),
                    "the text that begins here has no end: close it with a quote"};
      }
      i = end;
      continue;
    }
    if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
      continue;
    }
    if (std::string_view("\n=,{}[]").find(c) != std::string_view::npos) dots = 0;
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (depth > kMostNested) {
      return Slip{LocationAt(text, i),
                  fmt::format("values are nested more than {} deep here", kMostNested)};
    }
    if (c == '.' && ++dots >= kMostSegments) {
      return Slip{LocationAt(text, i),
                  fmt::format("a key has more than {} segments", kMostSegments)};
    }
    ++i;
  }
  return std::nullopt;
}

}  // namespace murphy::config
