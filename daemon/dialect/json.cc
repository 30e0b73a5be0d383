// SPDX-License-Identifier: Apache-2.0
#include "daemon/dialect/json.h"

#include "boost/json/parse.hpp"
#include "daemon/dialect/text.h"

namespace murphy::dialect {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// What follows the colon of the next `"key":` at or after `from`; `from` moves behind it.
std::optional<std::string_view> NextValue(std::string_view json, std::string_view quoted,
                                          size_t& from) {
  while ((from = json.find(quoted, from)) != std::string_view::npos) {
    from += quoted.size();
    size_t at = from;
    while (at < json.size() && IsSpace(json[at])) ++at;
    if (at >= json.size() || json[at] != ':') continue;
    ++at;
    while (at < json.size() && IsSpace(json[at])) ++at;
    return json.substr(at);
  }
  return std::nullopt;
}

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

std::optional<boost::json::value> ParseJson(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  boost::json::error_code error;
  boost::json::value value = boost::json::parse({text.data(), text.size()}, error, {}, options);
  if (error) return std::nullopt;
  return value;
}

const boost::json::value* At(const boost::json::value& root, std::string_view pointer) {
  boost::json::error_code error;
  return root.find_pointer({pointer.data(), pointer.size()}, error);
}

std::string_view TextAt(const boost::json::value& root, std::string_view pointer) {
  const boost::json::value* value = At(root, pointer);
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

std::optional<uint64_t> CountAt(const boost::json::value& root, std::string_view pointer) {
  const boost::json::value* value = At(root, pointer);
  if (value == nullptr) return std::nullopt;
  if (value->is_uint64()) return value->get_uint64();
  if (value->is_int64() && value->get_int64() >= 0) {
    return static_cast<uint64_t>(value->get_int64());
  }
  return std::nullopt;
}

const boost::json::array& ListAt(const boost::json::value& root, std::string_view pointer) {
  static const boost::json::array kNone;
  const boost::json::value* value = At(root, pointer);
  return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

bool HasAt(const boost::json::value& root, std::string_view pointer) {
  const boost::json::value* value = At(root, pointer);
  return value != nullptr && !value->is_null();
}

std::optional<std::string_view> ScanText(std::string_view json, std::string_view key) {
  const std::string quoted = Concat("\"", key, "\"");
  size_t from = 0;
  while (const auto rest = NextValue(json, quoted, from)) {
    if (const auto text = LeadingString(*rest)) return text;
  }
  return std::nullopt;
}

bool ScanNonEmpty(std::string_view json, std::string_view key) {
  const std::string quoted = Concat("\"", key, "\"");
  size_t from = 0;
  while (const auto rest = NextValue(json, quoted, from)) {
    if (rest->size() > 1 && (*rest)[0] == '"' && (*rest)[1] != '"') return true;
  }
  return false;
}

bool ScanKey(std::string_view json, std::string_view key) {
  const std::string quoted = Concat("\"", key, "\"");
  size_t from = 0;
  while (const auto rest = NextValue(json, quoted, from)) {
    if (!rest->starts_with("null")) return true;
  }
  return false;
}

}  // namespace murphy::dialect
