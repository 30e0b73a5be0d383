// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "daemon/dialect/dialects.h"
#include "faults/message/framing.h"
#include "faults/message/sse.h"

namespace murphy::dialect {

message::Document MakeDocument(std::string_view content_type, std::string_view body) {
  message::Document document;
  if (message::FramingOf(content_type) != message::Framing::kSse) {
    document.parts.push_back({std::string(body), "", std::string(body), {}});
    return document;
  }
  document.stream = true;
  // The body is bounded by its caller, so no event is overlong.
  message::SseScanner scanner(body.size() + 1);
  document.parts = scanner.Feed(body);
  if (std::string tail = scanner.TakeTail(); !tail.empty()) {
    // The scanner waits for the LF of a last CR, which ends a blank line. An event without its
    // blank line is never dispatched: bytes, but no data.
    const bool ended = tail.ends_with("\r\r") || tail.ends_with("\n\r");
    document.parts.push_back(ended ? message::ParseEvent(std::move(tail))
                                   : message::Part{.raw = std::move(tail)});
  }
  return document;
}

}  // namespace murphy::dialect
