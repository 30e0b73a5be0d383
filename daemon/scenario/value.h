// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace murphy::scenario {

// What stands at a place of a document: the text of a string, the JSON of anything else; and its
// value where it is a number.
struct Value {
  std::string text;
  std::optional<double> number;
};

// What stands at a pointer; nullopt: nothing.
std::optional<Value> ValueAt(const boost::json::value& document, std::string_view pointer);

// Compiled, as conditions on content are: little memory, linear time, and nothing is logged.
std::shared_ptr<const re2::RE2> CompiledExpression(const std::string& expression);

// What is wrong with a regular expression or a pointer; empty when nothing is.
std::string ProblemOfExpression(const std::string& expression);
std::string ProblemOfPointer(std::string_view pointer);

// What a value must be: `equals` and `matches` of a condition, where they are there.
class WantedValue {
 public:
  template <typename Spec>
  explicit WantedValue(const Spec& spec)
      : WantedValue(spec.has_equals() ? &spec.equals() : nullptr,
                    spec.has_matches() ? &spec.matches() : nullptr) {}

  bool Is(std::string_view text, const std::optional<double>& number = std::nullopt) const;
  bool matches() const { return matches_ != nullptr; }

 private:
  WantedValue(const std::string* equals, const std::string* matches);

  std::optional<std::string> equals_;
  // Of `equals`, where it is one.
  std::optional<double> number_;
  std::shared_ptr<const re2::RE2> matches_;
};

}  // namespace murphy::scenario
