// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/endpoint_event.h"

#include <algorithm>

#include "daemon/wire/http1/forwarded.h"
#include "faults/message/sse.h"

namespace murphy::wire {
namespace {

constexpr std::string_view kStart = "event: endpoint";
constexpr size_t kMostBytes = 8192;

}  // namespace

std::string EndpointEvent::Feed(std::string bytes) {
  if (decided_) return bytes;
  held_.append(bytes);
  const size_t common = std::min(held_.size(), kStart.size());
  if (held_.compare(0, common, kStart.substr(0, common)) != 0 || held_.size() > kMostBytes) {
    decided_ = true;
    return std::move(held_);
  }
  message::SseScanner scanner;
  const std::vector<message::Part> parts = scanner.Feed(held_);
  if (parts.empty()) return {};
  decided_ = true;
  const message::Part& first = parts.front();
  const auto moved = first.event == "endpoint"
                         ? RewrittenLocation(first.data, route_, gateway_base_)
                         : std::nullopt;
  const std::string rest = held_.substr(first.raw.size());
  held_.clear();
  rewritten_ = moved.has_value();
  return (moved.has_value() ? message::FormatEvent("endpoint", *moved) : first.raw) + rest;
}

}  // namespace murphy::wire
