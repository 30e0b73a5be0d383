// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/inline.h"

#include <algorithm>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/types/span.h"
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

Value Table(const Location& location) {
  Value table;
  table.location = location;
  return table;
}

// Puts a value at a path of tables. False where something is there already.
bool Insert(Value& table, absl::Span<const std::string> path, const Location& location,
            Value value) {
  const auto found =
      std::find_if(table.entries.begin(), table.entries.end(),
                   [&path](const Entry& entry) { return entry.key == path.front(); });
  if (path.size() == 1) {
    if (found != table.entries.end()) return false;
    table.entries.push_back({path.front(), location, std::move(value)});
    return true;
  }
  if (found == table.entries.end()) {
    table.entries.push_back({path.front(), location, Table(location)});
    return Insert(table.entries.back().value, path.subspan(1), location, std::move(value));
  }
  return found->value.kind == Value::Kind::kTable &&
         Insert(found->value, path.subspan(1), location, std::move(value));
}

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
  Value rule = Table(pairs.location);
  if (fault != nullptr)
    rule.entries.push_back({fault->name(), pairs.location, Table(pairs.location)});
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

// The target that `KIND:GLOB` means, or the mistake.
std::optional<v1::Target> InlineTarget(std::string_view text, std::string& problem) {
  const std::string kind(text.substr(0, text.find(':')));
  const std::string glob(text.substr(kind.size() + 1));
  std::vector<std::string> kinds = NamesOf(v1::TargetKind_descriptor());
  const auto* named = FindName(v1::TargetKind_descriptor(), kind);
  kinds.insert(kinds.end(), {"agent", "route"});
  if (!absl::c_linear_search(kinds, kind)) {
    problem = fmt::format("an inline target is KIND:GLOB with a kind of {}, not \"{}\"{}",
                          Quoted(kinds), kind, Suggestion(kind, kinds));
    return std::nullopt;
  }
  if (glob.empty()) {
    problem = fmt::format("`{}` names nothing: write {}* for all", text, text);
    return std::nullopt;
  }
  v1::Target target;
  if (named != nullptr) target.set_kind(static_cast<v1::TargetKind>(named->number()));
  if (kind == "agent") {
    target.add_agent(glob);
  } else if (kind == "route") {
    target.add_route(glob);
  } else if (target.kind() == v1::TARGET_KIND_MODEL) {
    target.add_model(glob);
  } else if (target.kind() == v1::TARGET_KIND_HTTP && glob.front() == '/') {
    target.add_path(glob);
  } else {
    target.add_name(glob);
  }
  return target;
}

// A target that a rule names as `KIND:GLOB`.
void AddTarget(const std::string& name, const Location& place, std::string_view file,
               v1::Scenario& scenario, Origins* origins, std::vector<Slip>& slips) {
  std::string problem;
  std::optional<v1::Target> target = InlineTarget(name, problem);
  if (!target.has_value()) return slips.push_back({place, std::move(problem)});
  if (origins != nullptr)
    origins->try_emplace(fmt::format("target.{}", name), Origin{std::string(file), place});
  (*scenario.mutable_target())[name] = *std::move(target);
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
    if (target.find(':') == std::string::npos || scenario.target().contains(target)) continue;
    AddTarget(target, Find(table, "target")->value.location, file, scenario, origins, slips);
  }
}

}  // namespace murphy::config
