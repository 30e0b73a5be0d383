// SPDX-License-Identifier: Apache-2.0
#include "faults/message/json_edit.h"

namespace murphy::message {

std::optional<Span> FindValue(std::string_view json, std::string_view pointer) {
  const JsonTree tree(json);
  const JsonValue value = tree.root().At(pointer);
  return value ? std::optional(value.span()) : std::nullopt;
}

bool ReplaceValue(std::string& json, std::string_view pointer, std::string_view replacement) {
  const std::optional<Span> span = FindValue(json, pointer);
  if (!span) {
    return false;
  }
  json.replace(span->begin, span->end - span->begin, replacement);
  return true;
}

}  // namespace murphy::message
