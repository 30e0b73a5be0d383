// SPDX-License-Identifier: Apache-2.0
#include "faults/message/http.h"

#include <algorithm>

namespace murphy::message {
namespace {

auto Named(std::string_view name) {
  return [name](const Header& header) {
    return EqualsIgnoreCase(header.name, name);
  };
}

}  // namespace

std::string_view FindHeader(const std::vector<Header>& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(), Named(name));
  return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

Header CleanHeader(std::string name, std::string value) {
  const auto breaks = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  std::erase_if(name, [&](char c) { return breaks(c) || c == ':' || c == ' '; });
  std::erase_if(value, breaks);
  return {std::move(name), std::move(value)};
}

void SetHeader(std::vector<Header>& headers, std::string_view name, std::string_view value) {
  const auto first = std::find_if(headers.begin(), headers.end(), Named(name));
  if (first == headers.end()) {
    headers.push_back({std::string(name), std::string(value)});
    return;
  }
  first->value = value;
  headers.erase(std::remove_if(first + 1, headers.end(), Named(name)), headers.end());
}

}  // namespace murphy::message
