// SPDX-License-Identifier: Apache-2.0
#include "faults/message/json_edit.h"

#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>

#include "faults/message/json_walk.h"

namespace {

void Require(bool held) {
  if (!held) {
    std::abort();
  }
}

}  // namespace

// Input: a pointer, a newline, a JSON text. On valid JSON the scanner finds what a parser finds,
// and an edit changes that alone.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  namespace json = boost::json;
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const size_t newline = input.find('\n');
  if (newline == std::string_view::npos) {
    return 0;
  }
  const std::string_view pointer = input.substr(0, newline);
  const std::string_view text = input.substr(newline + 1);
  const auto span = murphy::message::FindValue(text, pointer);
  murphy::message::UnquoteJson(text);
  Require(murphy::message::UnquoteJson(murphy::message::QuoteJson(text)) == text);

  json::error_code error;
  // Boost.JSON 1.81 takes an empty token for index 0; RFC 6901 does not.
  if (pointer.find("//") != std::string_view::npos || pointer.ends_with('/')) {
    return 0;
  }
  json::parse_options options;
  options.max_depth = murphy::message::JsonTree::kMaxDepth;
  const json::value parsed = json::parse({text.data(), text.size()}, error, {}, options);
  const auto nodes = murphy::message::WalkJson(text);
  // Boost.JSON refuses half a surrogate pair, which the grammar of RFC 8259 allows.
  Require(error ? !nodes || text.find("\\u") != std::string_view::npos : nodes.has_value());
  if (error) {
    return 0;
  }
  for (const auto& node : *nodes) {
    Require(murphy::message::IsJson(text.substr(node.span.begin, node.span.end - node.span.begin)));
  }
  const json::value* expected = parsed.find_pointer({pointer.data(), pointer.size()}, error);
  Require((expected != nullptr) == span.has_value());
  if (span) {
    const std::string_view found = text.substr(span->begin, span->end - span->begin);
    const json::value value = json::parse({found.data(), found.size()}, error);
    Require(!error && value == *expected);
    std::string edited(text);
    Require(murphy::message::ReplaceValue(edited, pointer, "\"new\""));
    Require(edited.size() == text.size() - found.size() + 5);
    const json::value changed = json::parse(edited, error);
    const json::value* placed = changed.find_pointer({pointer.data(), pointer.size()}, error);
    Require(placed != nullptr && *placed == "new");
  }
  return 0;
}
