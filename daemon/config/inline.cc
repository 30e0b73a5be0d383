// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/inline.h"

#include <optional>

#include "daemon/config/inline_table.h"
#include "daemon/config/language.h"
#include "daemon/config/pairs.h"
#include "daemon/config/reader.h"
#include "daemon/config/scalar.h"
#include "daemon/config/walker.h"
#include "faults/nearest.h"
#include "fmt/format.h"

namespace murphy::config {
namespace {

using google::protobuf::FieldDescriptor;

// The table of a rule that a key belongs to: itself (empty), its trigger's or its fault's. Nullopt:
// none knows the key. `fault` is null where the rule has several.
std::optional<std::string> TableOf(const std::string& key, const FieldDescriptor* fault) {
  const std::optional<Key> of_rule = FindKey(v1::Rule::descriptor(), key);
  if (of_rule && of_rule->flattened == nullptr) return "";
  if (FindKey(v1::Trigger::descriptor(), key)) return "when";
  if (fault != nullptr && FindKey(fault->message_type(), key)) return fault->name();
  return std::nullopt;
}

std::vector<std::string> InlineKeys(const FieldDescriptor* fault) {
  std::vector<std::string> keys;
  if (fault != nullptr) keys = KeysOf(fault->message_type());
  for (std::string& key : KeysOf(v1::Trigger::descriptor())) keys.push_back(std::move(key));
  for (std::string& key : KeysOf(v1::Rule::descriptor())) {
    if (!FindKey(v1::Rule::descriptor(), key)->flattened) keys.push_back(std::move(key));
  }
  return keys;
}

std::string UnknownKey(const std::string& key, const FieldDescriptor* fault) {
  const std::vector<std::string> accepted = InlineKeys(fault);
  std::string message =
      fmt::format("`{}` has no key \"{}\"", fault == nullptr ? "rule" : fault->name(), key);
  const std::string suggestion = Suggestion(key, accepted);
  return suggestion.empty() ? fmt::format("{}; it accepts {}", message, Quoted(accepted))
                            : message + suggestion;
}

// The rule as a table of a file would have it.
Value RuleTable(const Pairs& pairs, const FieldDescriptor* fault, std::vector<Slip>& slips) {
  Value rule = EmptyTable(pairs.location);
  if (fault != nullptr)
    rule.entries.push_back({fault->name(), pairs.location, EmptyTable(pairs.location)});
  for (const Pair& pair : pairs.list) {
    const std::optional<std::string> table = TableOf(pair.key.front(), fault);
    if (!table) {
      slips.push_back({pair.location, UnknownKey(pair.key.front(), fault)});
      continue;
    }
    std::vector<std::string> path = pair.key;
    if (!table->empty()) path.insert(path.begin(), *table);
    if (!Insert(rule, path, pair.location, pair.value)) {
      slips.push_back(
          {pair.location, fmt::format("`{}` is given twice", fmt::join(pair.key, "."))});
    }
  }
  return rule;
}

}  // namespace

void ReadInline(std::string_view file, std::string_view text, const Parameters& parameters,
                v1::Scenario& scenario, Origins* origins, std::vector<Slip>& slips) {
  const Pairs pairs = SplitPairs(text, slips);
  if (!slips.empty()) return;
  const std::vector<std::string> names = KeysOf(v1::Fault::descriptor());
  const FieldDescriptor* fault = v1::Fault::descriptor()->FindFieldByName(pairs.name);
  if (fault == nullptr && !pairs.name.empty()) {
    const std::string suggestion = Suggestion(pairs.name, names);
    slips.push_back(
        {pairs.location,
         fmt::format(
             "no fault is called {}{}", Shown({.kind = Value::Kind::kText, .text = pairs.name}),
             suggestion.empty() ? fmt::format("; there are {}", Quoted(names)) : suggestion)});
    return;
  }
  Value table = RuleTable(pairs, fault, slips);
  parameters.Substitute(table, slips);
  const std::string path = fmt::format("rule[{}]", scenario.rule_size());
  v1::Rule& rule = *scenario.add_rule();
  const std::string name(file);
  ReadTable(table, {path, ""}, {&name, 1}, rule, origins, slips);
  for (const std::string& target : rule.target()) {
    if (IsInlineTarget(target, scenario))
      AddTarget(target, Find(table, "target")->value.location, file, scenario, origins, slips);
  }
}

}  // namespace murphy::config
