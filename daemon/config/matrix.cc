// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/matrix.h"

#include <algorithm>
#include <utility>

#include "daemon/config/language.h"
#include "daemon/config/scalar.h"
#include "fmt/format.h"

namespace murphy::config {
namespace {

struct Axis {
  std::string name;
  std::vector<Value> values;
  // It stays at what the command line says.
  bool set = false;
};

bool IsScalar(const Value& value) {
  return value.kind == Value::Kind::kText || value.kind == Value::Kind::kInteger ||
         value.kind == Value::Kind::kNumber || value.kind == Value::Kind::kBool;
}

bool SameValue(const Value& a, const Value& b) { return ParameterText(a) == ParameterText(b); }

class MatrixReader {
 public:
  MatrixReader(const std::map<std::string, std::string>& set, Parameters& parameters,
               std::vector<Slip>& slips)
      : set_(set), parameters_(parameters), slips_(slips) {}

  std::vector<MatrixCell> Read(Entry matrix) {
    if (matrix.value.kind != Value::Kind::kTable) {
      Say(matrix.value.location,
          fmt::format("`matrix` must be a table of lists, as [matrix] and below it model = "
                      "[\"a\", \"b\"], not {}",
                      Shown(matrix.value)));
      return {};
    }
    Entry exclude, include;
    TakeEntry(matrix.value, "exclude", exclude);
    TakeEntry(matrix.value, "include", include);
    for (const Entry& axis : matrix.value.entries) AddAxis(axis);
    const std::vector<Value> left_out = TablesOf(exclude, "exclude");
    const std::vector<Value> added = TablesOf(include, "include");
    if (!slips_.empty() || axes_.empty() || AllSet()) return {};
    if (!Fits(matrix.location, added.size())) return {};
    std::vector<MatrixCell> cells = Combined(left_out);
    for (const Value& table : added) AddCell(table, cells);
    if (cells.empty()) {
      Say(exclude.location, "`exclude` leaves nothing of the matrix");
    } else {
      for (const auto& [name, value] : cells.front())
        parameters_.Set(name, value, matrix.location, slips_);
    }
    return cells;
  }

 private:
  void AddAxis(const Entry& axis) {
    if (!IsParameterName(axis.key)) {
      return Say(axis.location,
                 fmt::format("{} cannot be the name of a parameter: it begins with a lower-case "
                             "letter, and has lower-case letters, digits, `_` and `-`",
                             Shown({.kind = Value::Kind::kText, .text = axis.key})));
    }
    const bool list = axis.value.kind == Value::Kind::kList && !axis.value.items.empty() &&
                      std::all_of(axis.value.items.begin(), axis.value.items.end(), IsScalar);
    if (!list) {
      return Say(axis.value.location,
                 fmt::format("`{}` must be a list of values, as {} = [\"a\", \"b\"]", axis.key,
                             axis.key));
    }
    Axis& known = axes_.emplace_back();
    known.name = axis.key;
    known.set = set_.contains(axis.key);
    for (const Value& value : axis.value.items) {
      if (!parameters_.DeclareBy(axis, value)) {
        Say(value.location,
            fmt::format("`{}` must be {}, as its other values are, not {}", axis.key,
                        TypeOf(parameters_.values().at(axis.key)), Shown(value)));
      } else if (std::any_of(known.values.begin(), known.values.end(),
                             [&](const Value& other) { return SameValue(value, other); })) {
        Say(value.location, fmt::format("{} is there twice", Shown(value)));
      }
      known.values.push_back(value);
    }
    if (known.set) known.values = {parameters_.values().at(axis.key)};
  }

  // The tables of `exclude` and `include`, with names that are parameters.
  std::vector<Value> TablesOf(const Entry& entry, std::string_view key) {
    if (entry.key.empty()) return {};
    const bool tables =
        entry.value.kind == Value::Kind::kList &&
        std::all_of(entry.value.items.begin(), entry.value.items.end(), [](const Value& item) {
          return item.kind == Value::Kind::kTable && !item.entries.empty();
        });
    if (!tables) {
      Say(entry.value.location,
          fmt::format("`{}` must be a list of tables, as {} = [{{ model = \"a\" }}]", key, key));
      return {};
    }
    for (const Value& table : entry.value.items) {
      for (const Entry& one : table.entries) CheckEntry(one);
    }
    return entry.value.items;
  }

  void CheckEntry(const Entry& entry) {
    const auto known = parameters_.values().find(entry.key);
    if (known == parameters_.values().end()) {
      Say(entry.location, fmt::format("there is no parameter `{}`{}", entry.key,
                                      Suggestion(entry.key, parameters_.names())));
    } else if (!IsScalar(entry.value) || !SameType(entry.value, known->second)) {
      Say(entry.value.location, fmt::format("`{}` must be {}, not {}", entry.key,
                                            TypeOf(known->second), Shown(entry.value)));
    }
  }

  bool AllSet() const {
    return std::all_of(axes_.begin(), axes_.end(), [](const Axis& axis) { return axis.set; });
  }

  // Before anything is multiplied out.
  bool Fits(const Location& at, size_t added) {
    double cells = 1;
    std::vector<size_t> sizes;
    for (const Axis& axis : axes_) {
      cells *= static_cast<double>(axis.values.size());
      sizes.push_back(axis.values.size());
    }
    if (cells + static_cast<double>(added) <= kMostCells) return true;
    Say(at, fmt::format("the matrix has {:.0f} cells ({}), and each is an experiment of its own; "
                        "at most {} are run: shorten a list, or run a part of it with --set {}=…",
                        cells + static_cast<double>(added), fmt::join(sizes, " × "), kMostCells,
                        axes_.front().name));
    return false;
  }

  std::vector<MatrixCell> Combined(const std::vector<Value>& left_out) const {
    std::vector<MatrixCell> cells;
    std::vector<size_t> at(axes_.size());
    while (true) {
      if (!LeavesOut(left_out, at)) {
        MatrixCell& cell = cells.emplace_back();
        for (size_t i = 0; i < axes_.size(); ++i)
          cell.emplace_back(axes_[i].name, ParameterText(axes_[i].values[at[i]]));
      }
      size_t axis = axes_.size();
      while (axis > 0 && ++at[axis - 1] == axes_[axis - 1].values.size()) at[--axis] = 0;
      if (axis == 0) return cells;
    }
  }

  bool LeavesOut(const std::vector<Value>& left_out, const std::vector<size_t>& at) const {
    return std::any_of(left_out.begin(), left_out.end(), [&](const Value& table) {
      return std::all_of(table.entries.begin(), table.entries.end(), [&](const Entry& entry) {
        for (size_t i = 0; i < axes_.size(); ++i) {
          if (axes_[i].name == entry.key) return SameValue(axes_[i].values[at[i]], entry.value);
        }
        return SameValue(parameters_.values().at(entry.key), entry.value);
      });
    });
  }

  // Of what it does not name, a cell has what holds without the matrix.
  void AddCell(const Value& table, std::vector<MatrixCell>& cells) const {
    MatrixCell cell;
    const auto add = [&](const std::string& name) {
      const Entry* entry = Find(table, name);
      const bool own = entry != nullptr && !set_.contains(name);
      cell.emplace_back(name, ParameterText(own ? entry->value : parameters_.values().at(name)));
    };
    for (const Axis& axis : axes_) add(axis.name);
    for (const Entry& entry : table.entries) {
      const bool axis = std::any_of(axes_.begin(), axes_.end(),
                                    [&](const Axis& one) { return one.name == entry.key; });
      if (!axis) add(entry.key);
    }
    if (std::find(cells.begin(), cells.end(), cell) == cells.end())
      cells.push_back(std::move(cell));
  }

  void Say(const Location& location, std::string message) {
    slips_.push_back({location, std::move(message)});
  }

  const std::map<std::string, std::string>& set_;
  Parameters& parameters_;
  std::vector<Slip>& slips_;
  std::vector<Axis> axes_;
};

}  // namespace

void DeclareAxes(const Value& tree, Parameters& parameters) {
  const Entry* matrix = Find(tree, "matrix");
  if (matrix == nullptr) return;
  for (const Entry& axis : matrix->value.entries) {
    if (axis.key == "exclude" || axis.key == "include" || !IsParameterName(axis.key)) continue;
    const Value* like = nullptr;
    for (const Value& value : axis.value.items) {
      if (!IsScalar(value)) continue;
      // Among integers, a number makes all of them numbers.
      const bool wider = like != nullptr && like->kind == Value::Kind::kInteger &&
                         value.kind == Value::Kind::kNumber;
      if (like == nullptr || wider) like = &value;
    }
    if (like != nullptr) parameters.DeclareBy(axis, *like);
  }
}

std::vector<MatrixCell> TakeMatrix(Value& tree, const std::map<std::string, std::string>& set,
                                   Parameters& parameters, std::vector<Slip>& slips) {
  Entry matrix;
  if (!TakeEntry(tree, "matrix", matrix)) return {};
  return MatrixReader(set, parameters, slips).Read(std::move(matrix));
}

}  // namespace murphy::config
