// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/shape.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "daemon/dialect/digest.h"
#include "daemon/dialect/text.h"

namespace murphy::dialect {
namespace {

constexpr size_t kMaxPaths = 256;
constexpr size_t kMaxSegments = 16;

std::string_view TypeName(const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return "bool";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      return "int";
    case boost::json::kind::double_:
      return "num";
    case boost::json::kind::string:
      return "str";
    case boost::json::kind::array:
      return "list";
    case boost::json::kind::object:
      return "obj";
  }
  return "null";
}

void Collect(const boost::json::value& value, const std::string& path,
             std::set<std::string>& paths) {
  if (paths.size() >= kMaxPaths) return;
  const auto* object = value.if_object();
  const auto* list = value.if_array();
  if (object != nullptr && !object->empty()) {
    for (const auto& member : *object) {
      const std::string_view key(member.key().data(), member.key().size());
      Collect(member.value(), path.empty() ? std::string(key) : Concat(path, ".", key), paths);
    }
  } else if (list != nullptr && !list->empty()) {
    for (const auto& element : *list) Collect(element, path + "[]", paths);
  } else if (!path.empty()) {
    paths.insert(Concat(path, ":", TypeName(value)));
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
  return digits || (hex && text.size() >= 16) || IsUuid(text) || IsUlid(text) || IsPrefixedId(text);
}

// Runs of characters that hold a digit become `#`: dates, times, ids, counters.
std::string MaskDigits(std::string_view text) {
  std::string masked;
  size_t at = 0;
  while (at < text.size()) {
    const size_t begin = at;
    while (at < text.size() && (absl::ascii_isalnum(text[at]) || text[at] == '-' ||
                                text[at] == ':' || text[at] == '.' || text[at] == '/')) {
      ++at;
    }
    const std::string_view run = text.substr(begin, at - begin);
    masked += HasDigit(run) ? "#" : run;
    if (at < text.size()) masked += text[at++];
  }
  return masked;
}

}  // namespace

std::string ArgumentShape(const boost::json::value& arguments) {
  std::set<std::string> paths;
  Collect(arguments, "", paths);
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
