// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/value.h"

namespace murphy::config {

// The parameters of a scenario. `${NAME}` in a text stands for the value of one; a text that is
// nothing else takes the value's own type. `$${NAME}` is no parameter, and loses a `$`. Values are
// put into what was parsed: none of them can become a key, a table or another line.
class Parameters {
 public:
  // Takes a `params` table with defaults out of the tree.
  void Declare(Value& tree, std::vector<Slip>& slips);
  // One that a matrix names: its values say what type it has. False: that is another one than its
  // default's.
  bool DeclareBy(const Entry& axis, const Value& value);

  // Another value for one of them, as written on a command line. `at` is the place for what is
  // wrong with it.
  void Set(const std::string& name, std::string_view text, const Location& at,
           std::vector<Slip>& slips);
  void Set(const std::string& name, const Value& value) { values_[name] = value; }

  bool Has(const std::string& name) const { return values_.contains(name); }
  const std::map<std::string, Value>& values() const { return values_; }
  std::vector<std::string> names() const;

  // In all texts of a value, and of what is in it.
  void Substitute(Value& value, std::vector<Slip>& slips) const;

 private:
  void SubstituteText(Value& value, std::vector<Slip>& slips) const;
  // The parameter with this name; null when there is none, which is said.
  const Value* Find(const std::string& name, const Location& at, std::vector<Slip>& slips) const;

  std::map<std::string, Value> values_;
};

// Lower-case letters, digits, `_` and `-`, and a letter at the beginning: what a shell would expand
// itself looks otherwise.
bool IsParameterName(std::string_view name);

// A value as Set takes it.
std::string ParameterText(const Value& value);

// The value can stand where one like `like` does: an integer is a number, too.
bool SameType(const Value& value, const Value& like);

// `text`, `an integer`…
std::string_view TypeOf(const Value& value);

// Takes an entry out of a table; false when there is none.
bool TakeEntry(Value& table, std::string_view key, Entry& entry);

}  // namespace murphy::config
