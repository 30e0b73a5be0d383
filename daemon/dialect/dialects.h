// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "faults/message/dialect.h"

namespace murphy::dialect {

// The dialect of a request, by route provider (`openai`, `anthropic`, `mcp`, `http`, or empty: read
// off the request), path and body. Never null: plain HTTP is the last resort.
const message::Dialect& Recognise(const message::Request& request, std::string_view provider);

// Decodes a body by its Content-Encoding (gzip, deflate, br, zstd, identity; several,
// comma-separated). nullopt for an unknown coding, a broken body, or one that would grow beyond
// `limit` bytes.
std::optional<std::string> Decode(std::string_view content_encoding, std::string_view body,
                                  size_t limit);

// The answer may be a stream of events (SSE).
bool AcceptsEvents(const message::Request& request);

// Cuts a complete, decoded answer body into a document by its content type (`text/event-stream`:
// one part per event).
message::Document MakeDocument(std::string_view content_type, std::string_view body);

}  // namespace murphy::dialect
