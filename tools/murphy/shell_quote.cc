// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/shell_quote.h"

#include <cctype>

namespace murphy::cli {

std::string ShellQuote(std::string_view text) {
  constexpr std::string_view kPlain = "_@%+=:,./-";
  bool plain = !text.empty();
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    plain =
        plain && (kPlain.find(c) != std::string_view::npos || (byte < 0x80 && std::isalnum(byte)));
  }
  if (plain) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string ShellJoin(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    line += ShellQuote(word);
  }
  return line;
}

}  // namespace murphy::cli
