// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace murphy::message {

// One header line, as it was written. Names compare without case (RFC 9110 section 5.1).
struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

// A request as faults and dialects see it. `path` has no query and is the upstream's path.
struct Request {
  std::string method;
  std::string path;
  // Bytes at the beginning of `path` that are the route's own prefix: no part of what a tool is
  // called.
  size_t prefix = 0;
  std::string query;
  std::vector<Header> headers;
  // Decoded body; empty when `body_complete` is false.
  std::string body;
  // False when the body was larger than the limit, or in an unknown encoding.
  bool body_complete = true;
};

// A whole response: one that Murphy authors, or the held head of the upstream's. `Content-Length`
// is added when it is written.
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

// Replaces the first header of that name and removes the others, or appends it.
void SetHeader(std::vector<Header>& headers, std::string_view name, std::string_view value);

// Removes all headers of that name.
void RemoveHeader(std::vector<Header>& headers, std::string_view name);

}  // namespace murphy::message
