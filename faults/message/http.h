// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "faults/message/headers.h"

namespace murphy::message {

// A request as faults and dialects see it. `path` has no query and is the upstream's path.
struct Request {
  std::string method;
  std::string path;
  // Bytes at the beginning of `path` that are the route's own prefix: no part of what a tool is
  // called.
  size_t prefix = 0;
  std::string query;
  Headers headers;
  // Decoded body; empty when `body_complete` is false.
  std::string body;
  // False when the body was larger than the limit, or in an unknown encoding.
  bool body_complete = true;
  // Of a body that is not complete: a hash of how it begins and how long it says it is; 0 for none.
  size_t unread = 0;
};

// Head of an answer, as it was received.
struct AnswerHead {
  int status = 200;
  std::string reason;
  Headers headers;
};

// A whole response that Murphy authors. `Content-Length` is added when it is written.
struct Response {
  int status = 200;
  // Empty: the standard phrase of the status.
  std::string reason;
  std::vector<Header> headers;
  std::string body;
  bool operator==(const Response&) const = default;
};

// Value of the first header of that name, or an empty view.
std::string_view FindHeader(const std::vector<Header>& headers, std::string_view name);
inline std::string_view FindHeader(const Headers& headers, std::string_view name) {
  return headers.Find(name);
}

// A header that cannot end its line or its name: what would is left out.
Header CleanHeader(std::string name, std::string value);

// Replaces the first header of that name and removes the others, or appends it.
void SetHeader(std::vector<Header>& headers, std::string_view name, std::string_view value);

}  // namespace murphy::message
