// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/include.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "daemon/config/parameters.h"
#include "daemon/config/scalar.h"
#include "daemon/config/toml.h"
#include "fmt/format.h"

namespace murphy::config {
namespace {

constexpr std::string_view kSchema = "murphy.scenario/v1";

void Stamp(Value& value, uint32_t file) {
  value.location.file = file;
  for (Value& item : value.items) Stamp(item, file);
  for (Entry& entry : value.entries) {
    entry.location.file = file;
    Stamp(entry.value, file);
  }
}

bool IsListOfTables(const Value& value) {
  return value.kind == Value::Kind::kList && !value.items.empty() &&
         value.items.front().kind == Value::Kind::kTable;
}

// The name of an entry of a list of tables, or null.
const Value* NameIn(const Value& table, std::string_view list) {
  const Entry* name = Find(table, list == "rule" ? "id" : "name");
  return name != nullptr && name->value.kind == Value::Kind::kText ? &name->value : nullptr;
}

class Gatherer {
 public:
  Gatherer(const std::vector<SourceFile>& included, std::vector<Slip>& slips)
      : included_(included), slips_(slips) {}

  Gathered Gather(const SourceFile& file) {
    gathered_.tree = Read(file);
    return std::move(gathered_);
  }

 private:
  Value Read(const SourceFile& file) {
    const auto number = static_cast<uint32_t>(gathered_.files.size());
    gathered_.files.push_back(file.name);
    chain_.push_back(file.name);
    std::vector<Slip> own;
    Value tree = ParseToml(file.text, own);
    Stamp(tree, number);
    for (Slip& slip : own) {
      gathered_.broken = true;
      slip.location.file = number;
      slips_.push_back(std::move(slip));
    }
    if (number > 0) CheckSchema(tree);
    Entry include;
    if (TakeEntry(tree, "include", include)) {
      Value base{.location = tree.location};
      for (const Value& path : PathsOf(include)) Join(base, Included(path), "");
      Join(base, std::move(tree), "");
      tree = std::move(base);
    }
    chain_.pop_back();
    return tree;
  }

  void CheckSchema(const Value& tree) {
    const Entry* schema = Find(tree, "schema");
    if (schema == nullptr || schema->value.kind != Value::Kind::kText ||
        schema->value.text == kSchema) {
      return;
    }
    Say(schema->value.location,
        fmt::format("`schema` must be \"{}\", not {}", kSchema, Shown(schema->value)));
  }

  std::vector<Value> PathsOf(const Entry& include) {
    if (include.value.kind == Value::Kind::kText) return {include.value};
    const auto is_text = [](const Value& item) { return item.kind == Value::Kind::kText; };
    const std::vector<Value>& items = include.value.items;
    const bool texts = include.value.kind == Value::Kind::kList &&
                       std::all_of(items.begin(), items.end(), is_text);
    if (texts) return include.value.items;
    Say(include.value.location,
        fmt::format("`include` must be a list of files, as include = [\"common.toml\"], not {}",
                    Shown(include.value)));
    return {};
  }

  Value Included(const Value& path) {
    Value nothing{.location = path.location};
    const std::string& by = gathered_.files[path.location.file];
    if (!path.text.ends_with(".toml")) {
      Say(path.location, fmt::format("`include` names TOML files, and {} does not end in `.toml`",
                                     Shown(path)));
      return nothing;
    }
    const std::string name =
        (std::filesystem::path(by).parent_path() / path.text).lexically_normal().string();
    if (std::find(chain_.begin(), chain_.end(), name) != chain_.end()) {
      Say(path.location, fmt::format("files include each other in a circle: {} → {}",
                                     fmt::join(chain_, " → "), name));
      return nothing;
    }
    if (!seen_.insert(name).second) return nothing;
    if (chain_.size() > kDeepestInclude) {
      Say(path.location,
          fmt::format("files include each other more than {} deep", kDeepestInclude));
      return nothing;
    }
    if (seen_.size() > kMostFiles) {
      Say(path.location, fmt::format("more than {} files are included", kMostFiles));
      return nothing;
    }
    const auto found = std::find_if(included_.begin(), included_.end(),
                                    [&](const SourceFile& file) { return file.name == name; });
    if (found != included_.end()) return Read(*found);
    gathered_.wanted.push_back({name, path.text, {by, path.location}});
    return nothing;
  }

  // `table` is what the user calls the tables that are joined; empty for the top level.
  void Join(Value& base, Value more, const std::string& table) {
    for (Entry& entry : more.entries) {
      Entry* there = nullptr;
      for (Entry& one : base.entries) {
        if (one.key == entry.key) there = &one;
      }
      if (there == nullptr) {
        base.entries.push_back(std::move(entry));
      } else if (IsListOfTables(there->value) && IsListOfTables(entry.value)) {
        Append(there->value, std::move(entry.value), entry.key);
      } else if ((table == "target" || table == "cause") &&
                 there->location.file != entry.location.file) {
        SayTwice(entry.location, table, entry.key, there->location);
      } else if (there->value.kind == Value::Kind::kTable &&
                 entry.value.kind == Value::Kind::kTable) {
        Join(there->value, std::move(entry.value),
             table.empty() ? entry.key : fmt::format("{}.{}", table, entry.key));
      } else {
        *there = std::move(entry);
      }
    }
    if (base.location.line == 0) base.location = more.location;
  }

  void Append(Value& list, Value more, const std::string& key) {
    for (Value& item : more.items) {
      const Value* name = NameIn(item, key);
      for (const Value& there : list.items) {
        const Value* other = NameIn(there, key);
        if (name != nullptr && other != nullptr && other->text == name->text &&
            other->location.file != name->location.file) {
          SayTwice(name->location, key, name->text, other->location);
          break;
        }
      }
      list.items.push_back(std::move(item));
    }
  }

  void SayTwice(const Location& here, std::string_view what, std::string_view name,
                const Location& there) {
    Say(here, fmt::format("there are two of the name {} among `{}`: here and at {}:{}:{}",
                          Shown({.kind = Value::Kind::kText, .text = std::string(name)}), what,
                          gathered_.files[there.file], there.line, there.column));
  }

  void Say(const Location& location, std::string message) {
    slips_.push_back({location, std::move(message)});
  }

  const std::vector<SourceFile>& included_;
  std::vector<Slip>& slips_;
  Gathered gathered_;
  // Files that are being read, the outermost first.
  std::vector<std::string> chain_;
  std::set<std::string> seen_;
};

}  // namespace

Gathered Gather(const SourceFile& file, const std::vector<SourceFile>& included,
                std::vector<Slip>& slips) {
  return Gatherer(included, slips).Gather(file);
}

}  // namespace murphy::config
