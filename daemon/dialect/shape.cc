// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/shape.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <functional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/dialect/text.h"
#include "faults/sha256.h"
#include "faults/token.h"

namespace murphy::dialect {
namespace {

using message::JsonKind;
using message::JsonValue;

constexpr size_t kMaxPaths = 256;
constexpr size_t kMaxSegments = 16;

// An integer that fits 64 bits; every other number is just a number.
bool IsInteger(std::string_view literal) {
  uint64_t magnitude = 0;
  int64_t number = 0;
  const char* const begin = literal.data();
  const char* const end = begin + literal.size();
  const auto whole = [end](std::from_chars_result read) {
    return read.ec == std::errc() && read.ptr == end;
  };
  return whole(std::from_chars(begin, end, magnitude)) ||
         whole(std::from_chars(begin, end, number));
}

std::string_view TypeName(JsonValue value) {
  switch (value.kind()) {
    case JsonKind::kNull:
      return "null";
    case JsonKind::kTruth:
      return "bool";
    case JsonKind::kNumber:
      return IsInteger(value.literal()) ? "int" : "num";
    case JsonKind::kString:
      return "str";
    case JsonKind::kList:
      return "list";
    case JsonKind::kObject:
      return "obj";
  }
  return "null";
}

using Paths = std::set<std::string, std::less<>>;

// Adds the paths below a value; `path` leads to it, and is left as it was.
void Collect(JsonValue value, std::string& path, Paths& paths) {
  if (paths.size() >= kMaxPaths) return;
  const size_t length = path.size();
  if (!value.empty()) {
    for (JsonValue child = value.first(); child; child = child.next()) {
      if (!child.key()) {
        path += "[]";
      } else {
        if (length > 0) path += '.';
        child.key().AppendTo(path);
      }
      Collect(child, path, paths);
      path.resize(length);
    }
  } else if (length > 0) {
    path += ':';
    path += TypeName(value);
    if (paths.find(path) == paths.end()) paths.insert(path);
    path.resize(length);
  }
}

bool AllOf(std::string_view text, bool (*test)(unsigned char)) {
  return std::all_of(text.begin(), text.end(), test);
}

bool HasDigit(std::string_view text) {
  return std::any_of(text.begin(), text.end(), absl::ascii_isdigit);
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

// Crockford's base 32 (ulid/spec): 26 characters, the first at most 7.
bool IsUlid(std::string_view text) {
  return text.size() == 26 && text[0] >= '0' && text[0] <= '7' &&
         AllOf(text, [](unsigned char c) { return absl::ascii_isalnum(c); }) &&
         text.find_first_of("IiLlOoUu") == std::string_view::npos;
}

// A short lower-case prefix, an underscore, and a long random part.
bool IsPrefixedId(std::string_view text) {
  const size_t underscore = text.rfind('_');
  if (underscore == std::string_view::npos || underscore == 0 || underscore > 12) return false;
  const std::string_view random = text.substr(underscore + 1);
  return random.size() >= 14 && HasDigit(random) &&
         AllOf(random, [](unsigned char c) { return absl::ascii_isalnum(c); });
}

bool LooksLikeId(std::string_view text) {
  const bool digits = AllOf(text, [](unsigned char c) { return absl::ascii_isdigit(c); });
  const bool hex = AllOf(text, [](unsigned char c) { return absl::ascii_isxdigit(c); });
  return digits || (hex && text.size() >= 16) || IsUuid(text) || IsUlid(text) || IsPrefixedId(text) ||
         HoldsToken(text);
}

enum class RunClass : uint8_t { kOutside, kInside, kDigit };

constexpr std::array<RunClass, 256> kRunClasses = [] {
  std::array<RunClass, 256> classes{};
  for (int c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool mark = c == '-' || c == ':' || c == '.' || c == '/';
    classes[static_cast<size_t>(c)] = c >= '0' && c <= '9' ? RunClass::kDigit
                                      : letter || mark     ? RunClass::kInside
                                                           : RunClass::kOutside;
  }
  return classes;
}();

// Runs of characters that hold a digit become `#`: dates, times, ids, counters.
std::string MaskDigits(std::string_view text) {
  std::string masked;
  masked.reserve(text.size());
  // What has not been copied yet, and where the present run began.
  size_t copied = 0;
  size_t run = 0;
  bool digit = false;
  for (size_t at = 0; at <= text.size(); ++at) {
    const RunClass here =
        at == text.size() ? RunClass::kOutside : kRunClasses[static_cast<unsigned char>(text[at])];
    digit = digit || here == RunClass::kDigit;
    if (here != RunClass::kOutside) continue;
    if (digit) {
      masked.append(text, copied, run - copied);
      masked += '#';
      copied = at;
      digit = false;
    }
    run = at + 1;
  }
  masked.append(text, std::min(copied, text.size()));
  return masked;
}

}  // namespace

std::string ArgumentShape(JsonValue arguments) {
  Paths paths;
  std::string path;
  if (arguments) Collect(arguments, path, paths);
  std::string shape = Concat("{", absl::StrJoin(paths, ","), "}");
  if (shape.size() > kMaxShape) shape = Concat("{~", Sha256Hex(shape).substr(0, 16), "}");
  return shape;
}

std::vector<std::string> TemplateSegments(std::string_view path) {
  std::vector<std::string> segments;
  for (const absl::string_view item : absl::StrSplit(Absl(path), '/', absl::SkipEmpty())) {
    if (segments.size() == kMaxSegments) break;
    const std::string_view segment(item.data(), item.size());
    segments.emplace_back(LooksLikeId(segment) ? "{id}" : segment.substr(0, 64));
  }
  return segments;
}

std::string PurposeShape(std::string_view instructions, std::vector<std::string> tools,
                         std::string_view format) {
  std::sort(tools.begin(), tools.end());
  const std::string text =
      Concat(MaskDigits(instructions), "\n", absl::StrJoin(tools, ","), "\n", format);
  return Concat("purpose:", Sha256Hex(text).substr(0, 8));
}

}  // namespace murphy::dialect
