// SPDX-License-Identifier: Apache-2.0
#include "faults/message/json_string.h"

#include <cstdint>

namespace murphy::message {
namespace {

// Stands for a surrogate without its other half.
constexpr uint32_t kReplacement = 0xFFFD;

void AppendUtf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// The code unit of a `\uXXXX` escape that begins at `at`.
std::optional<uint32_t> ReadUnit(std::string_view text, size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') {
    return std::nullopt;
  }
  uint32_t unit = 0;
  for (size_t i = at + 2; i < at + 6; ++i) {
    const char c = text[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) {
      return std::nullopt;
    }
    unit = unit << 4 | static_cast<uint32_t>(digit);
  }
  return unit;
}

// Appends the character of the `\u` escape at `at`; a lone surrogate becomes U+FFFD. Bytes read, or
// 0.
size_t AppendUnicodeEscape(std::string& out, std::string_view text, size_t at) {
  const std::optional<uint32_t> unit = ReadUnit(text, at);
  if (!unit) {
    return 0;
  }
  if (*unit < 0xD800 || *unit > 0xDFFF) {
    AppendUtf8(out, *unit);
    return 6;
  }
  const std::optional<uint32_t> low = ReadUnit(text, at + 6);
  if (*unit > 0xDBFF || !low || *low < 0xDC00 || *low > 0xDFFF) {
    AppendUtf8(out, kReplacement);
    return 6;
  }
  AppendUtf8(out, 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00));
  return 12;
}

}  // namespace

std::string QuoteJson(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kEscapes = "\"\\bfnrt";
  constexpr std::string_view kMeanings = "\"\\\b\f\n\r\t";
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  size_t begin = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20) {
      continue;
    }
    out.append(text, begin, at - begin);
    begin = at + 1;
    out += '\\';
    const size_t known = kMeanings.find(c);
    if (known != std::string_view::npos) {
      out += kEscapes[known];
    } else {
      out += "u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  out.append(text, begin);
  return out += '"';
}

bool AppendUnquoted(std::string& out, std::string_view text) {
  constexpr std::string_view kEscapes = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || static_cast<unsigned char>(c) < 0x20) {
      return false;
    }
    if (c != '\\') {
      ++at;
      continue;
    }
    out.append(text, begin, at - begin);
    const size_t escape =
        at + 1 < text.size() ? kEscapes.find(text[at + 1]) : std::string_view::npos;
    if (escape != std::string_view::npos) {
      out += kMeanings[escape];
      at += 2;
    } else {
      const size_t read = AppendUnicodeEscape(out, text, at);
      if (read == 0) {
        return false;
      }
      at += read;
    }
    begin = at;
  }
  out.append(text, begin);
  return true;
}

std::optional<std::string> UnquoteJson(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != '"' || literal.back() != '"') {
    return std::nullopt;
  }
  std::string out;
  out.reserve(literal.size() - 2);
  return AppendUnquoted(out, literal.substr(1, literal.size() - 2)) ? std::optional(std::move(out))
                                                                    : std::nullopt;
}

}  // namespace murphy::message
