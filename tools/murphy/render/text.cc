// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/render/text.h"

#include <algorithm>
#include <cctype>

#include "fmt/format.h"
#include "google/protobuf/descriptor.h"

namespace murphy::cli {
namespace {

bool Continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// OUTCOME_CLASS_ of OutcomeClass: the prefix that protobuf's style puts before every enumerator.
std::string EnumeratorPrefix(const std::string& enum_name) {
  std::string prefix;
  for (const char c : enum_name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isupper(byte) && !prefix.empty()) prefix += '_';
    prefix += static_cast<char>(std::toupper(byte));
  }
  return prefix + "_";
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F steer terminals too.
    const bool c1 =
        byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1) ++i;
    clean += c1 || byte < 0x20 || byte == 0x7f ? '?' : text[i];
  }
  return clean;
}

size_t Width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !Continues(c); }));
}

std::string Shorten(std::string_view text, size_t width) {
  if (Width(text) <= width) return std::string(text);
  size_t columns = 0;
  size_t end = 0;
  while (end < text.size() && (Continues(text[end]) || ++columns < width)) ++end;
  return std::string(text.substr(0, end)) + "…";
}

std::string ShowCount(uint64_t count) {
  std::string digits = std::to_string(count);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string Plural(uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", ShowCount(count), noun, count == 1 ? "" : "s");
}

std::string EnumeratorName(const google::protobuf::EnumDescriptor& descriptor, int value) {
  const auto* enumerator = descriptor.FindValueByNumber(value);
  if (enumerator == nullptr) return fmt::format("{}", value);
  if (value == 0) return {};
  const std::string prefix = EnumeratorPrefix(descriptor.name());
  const std::string& name = enumerator->name();
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

std::string AsWords(std::string_view enumerator_name) {
  std::string words;
  for (const char c : enumerator_name) {
    words += c == '_' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return words;
}

}  // namespace murphy::cli
