// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/inline_table.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "daemon/config/language.h"
#include "fmt/format.h"

namespace murphy::config {
namespace {

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

}  // namespace

Value EmptyTable(const Location& location) {
  Value table;
  table.location = location;
  return table;
}

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
    table.entries.push_back({path.front(), location, EmptyTable(location)});
    return Insert(table.entries.back().value, path.subspan(1), location, std::move(value));
  }
  return found->value.kind == Value::Kind::kTable &&
         Insert(found->value, path.subspan(1), location, std::move(value));
}

bool IsInlineTarget(const std::string& name, const v1::Scenario& scenario) {
  return name.find(':') != std::string::npos && !scenario.target().contains(name);
}

void AddTarget(const std::string& name, const Location& place, std::string_view file,
               v1::Scenario& scenario, Origins* origins, std::vector<Slip>& slips) {
  std::string problem;
  std::optional<v1::Target> target = InlineTarget(name, problem);
  if (!target.has_value()) return slips.push_back({place, std::move(problem)});
  if (origins != nullptr)
    origins->try_emplace(fmt::format("target.{}", name), Origin{std::string(file), place});
  (*scenario.mutable_target())[name] = *std::move(target);
}

}  // namespace murphy::config
