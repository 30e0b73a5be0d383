// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include "boost/json.hpp"
#include "fmt/format.h"
#include "tools/murphy/probe_question.h"

// What is read from the output of the program that asked.
namespace murphy::cli {
namespace {

namespace json = boost::json;

std::string_view Stripped(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

std::string TextOf(const json::value& value) {
  return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

// The body, without the line of the status, where that is 2xx.
Answer Body(std::string_view output) {
  const size_t line = output.rfind('\n');
  const std::string_view status = line == std::string_view::npos ? output : output.substr(line + 1);
  if (!status.starts_with('2') || status.size() != 3)
    return {.mistake = fmt::format("the status is {}", status)};
  return {.text = std::string(output.substr(0, line))};
}

// The number of a query that comes to one series, or to a scalar.
Answer Sample(const std::string& body) {
  json::error_code error;
  const json::value document = json::parse(body, error);
  const json::value* data = error ? nullptr : document.find_pointer("/data/result", error);
  if (data == nullptr || !data->is_array()) return {.mistake = "this is no answer of Prometheus"};
  const json::value* type = document.find_pointer("/data/resultType", error);
  const bool scalar = type != nullptr && type->is_string() && type->get_string() == "scalar";
  const json::array& result = data->get_array();
  if (!scalar && result.size() != 1) {
    return {.mistake = result.empty()
                           ? "the query comes to nothing"
                           : fmt::format("the query comes to {} series: it must be one, as "
                                         "sum(…) is",
                                         result.size())};
  }
  const json::value* value = scalar ? data->find_pointer("/1", error)
                                    : data->find_pointer("/0/value/1", error);
  if (value == nullptr) return {.mistake = "the query comes to no number"};
  return {.text = TextOf(*value)};
}

Answer At(const std::string& pointer, const std::string& text) {
  json::error_code error;
  const json::value document = json::parse(text, error);
  if (error) return {.mistake = "the answer is no JSON"};
  const json::value* found = document.find_pointer(pointer, error);
  if (found == nullptr) return {.mistake = fmt::format("the answer has nothing at {}", pointer)};
  return {.text = TextOf(*found)};
}

}  // namespace

Answer AnswerIn(const v1::Probe& probe, const std::string& output) {
  Answer answer{.text = output};
  if (probe.has_http() || probe.has_prometheus()) answer = Body(output);
  if (answer.mistake.empty() && probe.has_prometheus()) answer = Sample(answer.text);
  if (answer.mistake.empty() && probe.has_pointer()) answer = At(probe.pointer(), answer.text);
  answer.text = Stripped(answer.text);
  return answer;
}

}  // namespace murphy::cli
