// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/parameters.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "daemon/config/language.h"
#include "daemon/config/scalar.h"
#include "faults/nearest.h"
#include "fmt/format.h"

namespace murphy::config {
namespace {

constexpr size_t kMostParameters = 256;

bool IsScalar(const Value& value) {
  return value.kind == Value::Kind::kText || value.kind == Value::Kind::kInteger ||
         value.kind == Value::Kind::kNumber || value.kind == Value::Kind::kBool;
}

std::string Backquoted(std::string_view name) {
  return Shown({.kind = Value::Kind::kText, .text = std::string(name)});
}

// Reads a text as a value like another one. False: it is none.
bool ReadAs(std::string_view text, Value& value) {
  const char* end = text.data() + text.size();
  switch (value.kind) {
    case Value::Kind::kInteger: {
      const auto [rest, error] = std::from_chars(text.data(), end, value.integer);
      return error == std::errc() && rest == end;
    }
    case Value::Kind::kNumber:
      return absl::SimpleAtod({text.data(), text.size()}, &value.number) &&
             std::isfinite(value.number);
    case Value::Kind::kBool:
      value.boolean = text == "true";
      return text == "true" || text == "false";
    case Value::Kind::kText:
    case Value::Kind::kList:
    case Value::Kind::kTable:
    case Value::Kind::kDate:
      break;
  }
  value.text = std::string(text);
  return true;
}

// What nobody means to say: quotes would become a part of it, and no value is of several lines.
std::string Unmeant(std::string_view text) {
  const bool quoted = text.size() > 1 && text.front() == text.back() &&
                      (text.front() == '"' || text.front() == '\'');
  if (quoted) return "is in quotes, which would be a part of it: leave them out";
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  return plain ? "" : "has a line break or another control character in it";
}

}  // namespace

bool IsParameterName(std::string_view name) {
  return !name.empty() && absl::ascii_islower(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '-';
         });
}

std::string ParameterText(const Value& value) {
  return value.kind == Value::Kind::kText ? value.text : Shown(value);
}

bool SameType(const Value& value, const Value& like) {
  return value.kind == like.kind ||
         (like.kind == Value::Kind::kNumber && value.kind == Value::Kind::kInteger);
}

std::string_view TypeOf(const Value& value) {
  switch (value.kind) {
    case Value::Kind::kText:
      return "text";
    case Value::Kind::kInteger:
      return "an integer";
    case Value::Kind::kNumber:
      return "a number";
    case Value::Kind::kBool:
      return "true or false";
    case Value::Kind::kList:
    case Value::Kind::kTable:
    case Value::Kind::kDate:
      break;
  }
  return "something else";
}

bool TakeEntry(Value& table, std::string_view key, Entry& entry) {
  const auto found = std::find_if(table.entries.begin(), table.entries.end(),
                                  [key](const Entry& one) { return one.key == key; });
  if (found == table.entries.end()) return false;
  entry = std::move(*found);
  table.entries.erase(found);
  return true;
}

void Parameters::Declare(Value& tree, std::vector<Slip>& slips) {
  Entry params;
  if (!TakeEntry(tree, "params", params)) return;
  if (params.value.kind != Value::Kind::kTable) {
    slips.push_back({params.value.location,
                     fmt::format("`params` must be a table of defaults, as [params] and below it "
                                 "model = \"gpt-4o\", not {}",
                                 Shown(params.value))});
    return;
  }
  if (params.value.entries.size() > kMostParameters) {
    slips.push_back({params.location,
                     fmt::format("a scenario has at most {} parameters", kMostParameters)});
    return;
  }
  for (Entry& entry : params.value.entries) {
    if (!IsParameterName(entry.key)) {
      slips.push_back(
          {entry.location,
           fmt::format("{} cannot be the name of a parameter: it begins with a lower-case letter, "
                       "and has lower-case letters, digits, `_` and `-`",
                       Backquoted(entry.key))});
    } else if (!IsScalar(entry.value)) {
      slips.push_back({entry.value.location,
                       fmt::format("the default of `{}` must be text, an integer, a number, true "
                                   "or false, not {}",
                                   entry.key, Shown(entry.value))});
    } else {
      values_[entry.key] = std::move(entry.value);
    }
  }
}

bool Parameters::DeclareBy(const Entry& axis, const Value& value) {
  const auto [known, fresh] = values_.try_emplace(axis.key, value);
  return fresh || SameType(value, known->second);
}

void Parameters::Set(const std::string& name, std::string_view text, const Location& at,
                     std::vector<Slip>& slips) {
  const Value* declared = Find(name, at, slips);
  if (declared == nullptr) return;
  const std::string unmeant = Unmeant(text);
  if (!unmeant.empty()) {
    slips.push_back({at, fmt::format("the value {}", unmeant)});
    return;
  }
  Value value = *declared;
  if (!ReadAs(text, value)) {
    slips.push_back({at, fmt::format("`{}` must be {}, as its default {} is, not {}", name,
                                     TypeOf(*declared), Shown(*declared), Backquoted(text))});
    return;
  }
  values_[name] = std::move(value);
}

std::vector<std::string> Parameters::names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : values_) names.push_back(name);
  return names;
}

const Value* Parameters::Find(const std::string& name, const Location& at,
                              std::vector<Slip>& slips) const {
  const auto found = values_.find(name);
  if (found != values_.end()) return &found->second;
  std::string message = fmt::format("there is no parameter `{}`", name);
  if (values_.empty()) {
    message += fmt::format(": declare it, as [params] and below it {} = \"…\"", name);
  } else {
    const std::string suggestion = Suggestion(name, names());
    message += suggestion.empty() ? fmt::format("; [params] declares {}", Quoted(names()))
                                  : suggestion;
  }
  slips.push_back({at, std::move(message)});
  return nullptr;
}

void Parameters::Substitute(Value& value, std::vector<Slip>& slips) const {
  if (value.kind == Value::Kind::kText) SubstituteText(value, slips);
  for (Value& item : value.items) Substitute(item, slips);
  for (Entry& entry : value.entries) Substitute(entry.value, slips);
}

void Parameters::SubstituteText(Value& value, std::vector<Slip>& slips) const {
  const std::string_view text = value.text;
  std::string out;
  std::string parameter;
  size_t at = 0;
  while (at < text.size()) {
    const size_t open = text.find("${", at);
    const size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string name(text.substr(open + 2, close - open - 2));
    if (!IsParameterName(name)) {
      out += text.substr(at, open + 2 - at);
      at = open + 2;
      continue;
    }
    if (open > at && text[open - 1] == '$') {
      out += text.substr(at, open - 1 - at);
      out += text.substr(open, close + 1 - open);
      at = close + 1;
      continue;
    }
    const Value* found = Find(name, value.location, slips);
    if (found == nullptr) return;
    if (open == 0 && close + 1 == text.size()) {
      const Location location = value.location;
      value = *found;
      value.location = location;
      value.parameter = name;
      // Where text is wanted, it is what was written.
      if (value.kind != Value::Kind::kText) {
        value.text = ParameterText(*found);
        value.bare = true;
      }
      return;
    }
    out += text.substr(at, open - at);
    out += ParameterText(*found);
    parameter = name;
    at = close + 1;
  }
  out += text.substr(at);
  value.text = std::move(out);
  value.parameter = parameter;
}

}  // namespace murphy::config
