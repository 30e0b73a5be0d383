// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "daemon/dialect/dialects.h"

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
