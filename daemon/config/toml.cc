// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/toml.h"

#include <algorithm>
#include <utility>

#include "daemon/config/prescan.h"
#include "fmt/format.h"

// Nesting is bounded, because toml++ and the walker recurse.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_MAX_NESTED_VALUES 32
#include <toml++/impl/preprocessor.h>
// toml++ 3.3 asserts what its own error paths handle well, as a line break after `[`.
#undef TOML_ASSERT
#define TOML_ASSERT(expr) static_assert(true)
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expr) static_assert(true)
#include <toml++/toml.h>

namespace murphy::config {
namespace {

Location LocationOf(const toml::source_region& source) {
  return {static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
}

bool Before(const Location& a, const Location& b) {
  return std::pair(a.line, a.column) < std::pair(b.line, b.column);
}

Value Convert(const toml::node& node);

void ConvertTable(const toml::table& table, Value& value) {
  value.kind = Value::Kind::kTable;
  for (const auto& [key, node] : table) {
    value.entries.push_back({std::string(key.str()), LocationOf(key.source()), Convert(node)});
  }
  // toml++ keeps keys in alphabetical order.
  std::stable_sort(value.entries.begin(), value.entries.end(),
                   [](const Entry& a, const Entry& b) { return Before(a.location, b.location); });
}

Value Convert(const toml::node& node) {
  Value value;
  value.location = LocationOf(node.source());
  if (const auto* table = node.as_table()) {
    ConvertTable(*table, value);
  } else if (const auto* array = node.as_array()) {
    value.kind = Value::Kind::kList;
    for (const toml::node& item : *array) value.items.push_back(Convert(item));
  } else if (const auto* text = node.as_string()) {
    value.kind = Value::Kind::kText;
    value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = Value::Kind::kInteger;
    value.integer = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    value.kind = Value::Kind::kNumber;
    value.number = number->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = Value::Kind::kBool;
    value.boolean = boolean->get();
  } else {
    value.kind = Value::Kind::kDate;
  }
  return value;
}

}  // namespace

Value ParseToml(std::string_view text, std::vector<Slip>& slips) {
  Value value;
  value.location = {1, 1};
  if (text.size() > kLongestText) {
    slips.push_back({{1, 1}, fmt::format("the text is longer than {} bytes", kLongestText)});
    return value;
  }
  if (std::optional<Slip> slip = Prescan(text)) {
    slips.push_back(*std::move(slip));
    return value;
  }
  const toml::parse_result result = toml::parse(text);
  if (!result) {
    slips.push_back(
        {LocationOf(result.error().source()), std::string(result.error().description())});
    return value;
  }
  ConvertTable(result.table(), value);
  return value;
}

}  // namespace murphy::config
