// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "google/protobuf/generated_enum_reflection.h"

namespace murphy::cli {

// What comes from agents and upstreams must not steer the terminal: control characters become `?`.
std::string Printable(std::string_view text);

// Columns that the text takes, one per code point.
size_t Width(std::string_view text);

// At most `width` columns, cut with an ellipsis.
std::string Shorten(std::string_view text, size_t width);

// `1,234,567`.
std::string ShowCount(uint64_t count);

// `1 run`, `3 runs`.
std::string Plural(uint64_t count, std::string_view noun);

// Last part of an enumerator's name: FAILED_LOUD of OUTCOME_CLASS_FAILED_LOUD. Empty for
// `…UNSPECIFIED`.
std::string EnumeratorName(const google::protobuf::EnumDescriptor& descriptor, int value);

template <typename Enum>
std::string NameOf(Enum value) {
  return EnumeratorName(*google::protobuf::GetEnumDescriptor<Enum>(), value);
}

// The same as words: `failed loud`.
std::string AsWords(std::string_view enumerator_name);

}  // namespace murphy::cli
