// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/value.h"

#include <re2/re2.h>

#include <boost/json.hpp>

namespace murphy::scenario {
namespace {

// A compiled expression may take this much memory; matching takes linear time.
constexpr int64_t kMostExpressionBytes = 1 << 20;

// The value of a JSON number; nullopt for other texts, and for whole numbers beyond 2^53, which
// doubles cannot tell apart.
std::optional<double> NumberOf(const boost::json::value& value) {
  constexpr int64_t kMostExact = int64_t{1} << 53;
  if (value.is_double()) return value.get_double();
  if (!value.is_int64()) return std::nullopt;
  const int64_t whole = value.get_int64();
  if (whole < -kMostExact || whole > kMostExact) return std::nullopt;
  return static_cast<double>(whole);
}

std::optional<double> NumberOf(const std::string& text) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse({text.data(), text.size()}, error);
  return error ? std::nullopt : NumberOf(value);
}

}  // namespace

std::shared_ptr<const re2::RE2> CompiledExpression(const std::string& expression) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostExpressionBytes);
  return std::make_shared<const re2::RE2>(expression, options);
}

std::string ProblemOfExpression(const std::string& expression) {
  constexpr size_t kLongest = 1000;
  if (expression.size() > kLongest) return "it is longer than 1000 bytes";
  const auto compiled = CompiledExpression(expression);
  return compiled->ok() ? "" : compiled->error();
}

std::string ProblemOfPointer(std::string_view pointer) {
  if (!pointer.empty() && pointer.front() != '/') return "it must begin with `/`";
  for (size_t at = 0; (at = pointer.find('~', at)) != std::string_view::npos; ++at) {
    if (at + 1 == pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1'))
      return "`~` must be written as `~0`, and `/` in a name as `~1`";
  }
  return "";
}

std::optional<Value> ValueAt(const boost::json::value& document, std::string_view pointer) {
  boost::json::error_code error;
  const boost::json::value* found = document.find_pointer({pointer.data(), pointer.size()}, error);
  if (found == nullptr) return std::nullopt;
  return Value{.text = found->is_string() ? std::string(found->get_string())
                                          : boost::json::serialize(*found),
               .number = NumberOf(*found)};
}

WantedValue::WantedValue(const std::string* equals, const std::string* matches) {
  if (equals != nullptr) {
    equals_ = *equals;
    number_ = NumberOf(*equals);
  }
  if (matches != nullptr) matches_ = CompiledExpression(*matches);
}

bool WantedValue::Is(std::string_view text, const std::optional<double>& number) const {
  if (equals_.has_value() && text != *equals_) {
    // One number is written in many ways: 7, 7.0, 70e-1.
    if (!number.has_value() || number != number_) return false;
  }
  return matches_ == nullptr ||
         re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *matches_);
}

}  // namespace murphy::scenario
