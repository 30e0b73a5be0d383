// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace murphy::dialect {

// Debian's abseil has a string view of its own; this is the bridge.
inline absl::string_view Absl(std::string_view text) { return {text.data(), text.size()}; }

template <typename T>
auto AbslArgument(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return Absl(value);
  } else {
    return value;
  }
}

// absl::StrCat and absl::StrAppend for standard views.
template <typename... Parts>
std::string Concat(const Parts&... parts) {
  return absl::StrCat(AbslArgument(parts)...);
}

template <typename... Parts>
void Append(std::string& out, const Parts&... parts) {
  absl::StrAppend(&out, AbslArgument(parts)...);
}

// Puts values in the places of placeholders.
inline std::string Fill(
    std::string_view text,
    std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
  std::vector<std::pair<absl::string_view, absl::string_view>> replacements;
  for (const auto& [placeholder, value] : values) {
    replacements.emplace_back(Absl(placeholder), Absl(value));
  }
  return absl::StrReplaceAll(Absl(text), replacements);
}

inline bool SameIgnoringCase(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(Absl(a), Absl(b));
}

// `needle` in lower case.
inline bool ContainsIgnoringCase(std::string_view text, std::string_view needle) {
  return absl::AsciiStrToLower(Absl(text)).find(needle) != std::string::npos;
}

inline bool StartsIgnoringCase(std::string_view text, std::string_view prefix) {
  return absl::StartsWithIgnoreCase(Absl(text), Absl(prefix));
}

inline bool EndsIgnoringCase(std::string_view text, std::string_view suffix) {
  return absl::EndsWithIgnoreCase(Absl(text), Absl(suffix));
}

}  // namespace murphy::dialect
