// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "faults/message/headers.h"

namespace murphy::wire {

// How the length of a body is known (RFC 9112 section 6.3).
enum class BodyLength { kNone, kStated, kChunked, kUntilClose };

// What both kinds of head have. It owns its lines: order, case, duplicates and spacing are kept.
struct Head {
  int minor_version = 1;
  message::Headers headers;
  BodyLength length = BodyLength::kNone;
  // For kStated.
  uint64_t content_length = 0;
  bool keep_alive = true;
  // Bytes that it took, blank line included.
  size_t size = 0;
};

struct RequestHead : Head {
  std::string method;
  std::string target;
  bool expects_continue = false;
  // Value of `Upgrade`, where the `Connection` header names it.
  std::string upgrade;
};

struct ResponseHead : Head {
  int status = 0;
  // With its CRLF, as it was received.
  std::string status_line;
  std::string reason;
};

// Result of looking at the bytes that have arrived.
enum class Scan {
  kMore,  // no complete head yet
  kDone,
  kRefused,  // malformed or ambiguous: `why` says it
};

// Scans a request head. Refused: anything that two implementations could read differently, as that
// is how requests are smuggled (RFC 9112 sections 2.2, 5.1, 5.2, 6.1, 6.3): bare CR or LF, folded
// lines, spaces around names, a second Host or Content-Length, Content-Length beside
// Transfer-Encoding, codings other than `chunked`, a Host that is no authority. One empty line
// before the request line is skipped.
Scan ScanRequest(std::string_view bytes, RequestHead& head, std::string& why);

// Scans a response head by the same rules.
Scan ScanResponse(std::string_view bytes, ResponseHead& head, std::string& why);

// Whether a comma-separated list has this token.
bool HasToken(std::string_view list, std::string_view token);

}  // namespace murphy::wire
