// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace murphy::proxy {

// One header line of a scanned head. Views point into the scanned bytes.
struct HeaderLine {
  std::string_view name;
  std::string_view value;
  // The whole line with its CRLF, as it was received.
  std::string_view raw;
};

// How the length of a body is known (RFC 9112 section 6.3).
enum class Framing { kNone, kLength, kChunked, kUntilClose };

// A scanned request head. Order, case, duplicates and spacing of the lines are kept in `lines`.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  int minor_version = 1;
  std::vector<HeaderLine> lines;
  Framing framing = Framing::kNone;
  uint64_t content_length = 0;
  bool keep_alive = true;
  bool expects_continue = false;
  // Value of `Upgrade`, where the `Connection` header names it.
  std::string_view upgrade;
  // Bytes of the head, blank line included.
  size_t size = 0;
};

// A scanned response head.
struct ResponseHead {
  int status = 0;
  std::string_view status_line;
  int minor_version = 1;
  std::vector<HeaderLine> lines;
  // As the headers say; HEAD, 1xx, 204 and 304 have no body whatever they say.
  Framing framing = Framing::kUntilClose;
  uint64_t content_length = 0;
  bool keep_alive = true;
  size_t size = 0;
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
// Transfer-Encoding, codings other than `chunked`.
Scan ScanRequest(std::string_view bytes, RequestHead& head, std::string& why);

// Scans a response head by the same rules.
Scan ScanResponse(std::string_view bytes, ResponseHead& head, std::string& why);

// Value of the first line of that name, without regard to case.
std::optional<std::string_view> Find(const std::vector<HeaderLine>& lines, std::string_view name);

// Equality without regard to ASCII case.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);

// Whether a comma-separated list has this token.
bool HasToken(std::string_view list, std::string_view token);

}  // namespace murphy::proxy
