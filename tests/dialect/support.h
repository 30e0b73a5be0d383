// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/dialect/dialects.h"
#include "faults/message/json_tree.h"

namespace murphy {

inline message::Document Stream(std::string_view body) {
  return dialect::MakeDocument("text/event-stream; charset=utf-8", body);
}

inline message::Document Plain(std::string_view body) {
  return dialect::MakeDocument("application/json", body);
}

inline message::Request Post(std::string_view path, std::string_view body) {
  message::Request request;
  request.method = "POST";
  request.path = path;
  request.body = body;
  request.headers = {{"Content-Type", "application/json"}};
  return request;
}

// Value at a JSON Pointer.
inline std::string TextIn(std::string_view json, std::string_view pointer) {
  return message::JsonTree(json).root().At(pointer).Text();
}

inline std::optional<uint64_t> CountIn(std::string_view json, std::string_view pointer) {
  return message::JsonTree(json).root().At(pointer).Count();
}

// Ends an answer for its length after `keep` bytes of its text.
inline bool EndAfter(const message::Dialect& dialect, message::Document& document, size_t keep) {
  std::vector<message::Stop> stops;
  for (const message::Field& field : dialect.Fields(document)) {
    const size_t size = message::ReadField(document, field).size();
    if (field.kind != message::FieldKind::kText || !stops.empty()) continue;
    if (keep < size) stops.push_back({field, keep});
    keep -= std::min(keep, size);
  }
  return dialect.EndEarly(document, stops, message::FinishReason::kLength);
}

inline std::string Replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  for (size_t at = 0; (at = out.find(from, at)) != std::string::npos; at += to.size()) {
    out.replace(at, from.size(), to);
  }
  return out;
}

inline size_t Occurrences(std::string_view text, std::string_view of) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(of, at)) != std::string::npos; at += of.size()) ++count;
  return count;
}

}  // namespace murphy
