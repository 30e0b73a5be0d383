// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/http1/head.h"

#include <algorithm>
#include <array>
#include <optional>

namespace murphy::wire {
namespace {

constexpr std::array<bool, 256> MakeTokenTable() {
  std::array<bool, 256> table{};
  for (int c = '0'; c <= '9'; ++c) table[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = table[c - 'a' + 'A'] = true;
  for (const char c :
       {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> kToken = MakeTokenTable();

bool IsToken(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!kToken[static_cast<unsigned char>(c)]) return false;
  }
  return true;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool IsFieldValue(std::string_view text) {
  for (const char raw : text) {
    const auto c = static_cast<unsigned char>(raw);
    if (c < 0x20 ? c != '\t' : c == 0x7f) return false;
  }
  return true;
}

// What framing a head's lines ask for, collected line by line.
struct FramingLines {
  std::optional<uint64_t> length;
  bool chunked = false;

  bool Add(const message::Headers::Line& line, std::string& why) {
    if (message::EqualsIgnoreCase(line.name, "content-length")) return AddLength(line.value, why);
    if (message::EqualsIgnoreCase(line.name, "transfer-encoding"))
      return AddCoding(line.value, why);
    return true;
  }

  bool AddLength(std::string_view value, std::string& why) {
    if (length.has_value()) {
      why = "it has more than one Content-Length";
      return false;
    }
    if (value.empty() || value.size() > 18) {
      why = "its Content-Length is not a number of at most 18 digits";
      return false;
    }
    uint64_t number = 0;
    for (const char c : value) {
      if (c < '0' || c > '9') {
        why = "its Content-Length is not a number";
        return false;
      }
      number = number * 10 + static_cast<uint64_t>(c - '0');
    }
    length = number;
    return true;
  }

  bool AddCoding(std::string_view value, std::string& why) {
    if (chunked || !message::EqualsIgnoreCase(value, "chunked")) {
      why = "its Transfer-Encoding is not exactly `chunked`";
      return false;
    }
    chunked = true;
    return true;
  }

  bool Agrees(int minor_version, std::string& why) const {
    if (chunked && length.has_value()) {
      why = "it has both Content-Length and Transfer-Encoding";
      return false;
    }
    if (chunked && minor_version == 0) {
      why = "it has a Transfer-Encoding in HTTP/1.0";
      return false;
    }
    return true;
  }
};

// Splits off one line that ends with CRLF. `complete` is false when there is none yet.
struct Line {
  std::string_view text;
  std::string_view raw;
  bool complete = false;
  bool bare = false;
};

Line NextLine(std::string_view bytes) {
  const size_t feed = bytes.find('\n');
  const std::string_view before = bytes.substr(0, feed);
  const size_t carriage = before.find('\r');
  if (feed == std::string_view::npos) {
    return {.bare = carriage != std::string_view::npos && carriage + 1 < before.size()};
  }
  if (carriage == std::string_view::npos || carriage + 1 != feed) return {.bare = true};
  return {.text = bytes.substr(0, carriage), .raw = bytes.substr(0, feed + 1), .complete = true};
}

bool SplitHeader(const Line& line, message::Headers::Line& out, std::string& why) {
  if (line.text.front() == ' ' || line.text.front() == '\t') {
    why = "a header line begins with white space (folded lines are obsolete)";
    return false;
  }
  const size_t colon = line.text.find(':');
  if (colon == std::string_view::npos || !IsToken(line.text.substr(0, colon))) {
    why = "a header line has no valid name before its colon";
    return false;
  }
  out = {line.text.substr(0, colon), Trim(line.text.substr(colon + 1)), line.raw};
  if (!IsFieldValue(out.value)) {
    why = "a header value has a control character";
    return false;
  }
  return true;
}

// Reads header lines up to the blank one. `each` may refuse.
template <typename Each>
Scan ScanLines(std::string_view bytes, size_t& at, message::Headers& headers, std::string& why,
               Each each) {
  constexpr size_t kMostLines = 256;
  while (true) {
    const Line line = NextLine(bytes.substr(at));
    if (line.bare) {
      why = "a line does not end with CRLF";
      return Scan::kRefused;
    }
    if (!line.complete) return Scan::kMore;
    at += line.raw.size();
    if (line.text.empty()) return Scan::kDone;
    message::Headers::Line header;
    if (!SplitHeader(line, header, why)) return Scan::kRefused;
    if (headers.size() == kMostLines) {
      why = "it has more than 256 header lines";
      return Scan::kRefused;
    }
    if (!each(header)) return Scan::kRefused;
    headers.AddRaw(header.raw, header.name, header.value);
  }
}

bool ParseVersion(std::string_view text, int& minor) {
  if (text.size() != 8 || text.substr(0, 7) != "HTTP/1.") return false;
  minor = text[7] - '0';
  return minor == 0 || minor == 1;
}

bool ParseRequestLine(std::string_view line, RequestHead& head, std::string& why) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last || !IsToken(line.substr(0, first))) {
    why = "its request line is not `METHOD TARGET HTTP/1.1`";
    return false;
  }
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  for (const char raw : head.target) {
    const auto c = static_cast<unsigned char>(raw);
    if (c <= 0x20 || c == 0x7f || c == '#') {
      why = "its request target has a space, a control character or a fragment";
      return false;
    }
  }
  if (head.target.empty() || !ParseVersion(line.substr(last + 1), head.minor_version)) {
    why = "its version is not HTTP/1.0 or HTTP/1.1";
    return false;
  }
  return true;
}

// What the connection-related lines of a request add up to.
struct RequestLines {
  FramingLines framing;
  int hosts = 0;
  bool close = false;
  bool upgrade_named = false;

  bool Add(RequestHead& head, const message::Headers::Line& line, std::string& why) {
    if (!framing.Add(line, why)) return false;
    if (message::EqualsIgnoreCase(line.name, "host")) {
      ++hosts;
      if (line.value.find_first_of(" \t,/@") != std::string_view::npos) {
        why = "its Host is no authority";
        return false;
      }
    }
    if (message::EqualsIgnoreCase(line.name, "connection")) {
      close |= HasToken(line.value, "close");
      upgrade_named |= HasToken(line.value, "upgrade");
    }
    if (message::EqualsIgnoreCase(line.name, "upgrade")) head.upgrade = line.value;
    if (message::EqualsIgnoreCase(line.name, "expect")) {
      head.expects_continue = message::EqualsIgnoreCase(line.value, "100-continue");
    }
    return true;
  }
};

}  // namespace

bool HasToken(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (message::EqualsIgnoreCase(Trim(list.substr(0, comma)), token)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

Scan ScanRequest(std::string_view bytes, RequestHead& head, std::string& why) {
  head.headers.Clear();
  head.upgrade.clear();
  head.expects_continue = false;
  size_t at = bytes.starts_with("\r\n") ? 2 : 0;
  const Line first = NextLine(bytes.substr(at));
  if (first.bare) {
    why = "its request line does not end with CRLF";
    return Scan::kRefused;
  }
  if (!first.complete) return Scan::kMore;
  if (!ParseRequestLine(first.text, head, why)) return Scan::kRefused;
  at += first.raw.size();
  RequestLines facts;
  const Scan scan =
      ScanLines(bytes, at, head.headers, why,
                [&](const message::Headers::Line& line) { return facts.Add(head, line, why); });
  if (scan != Scan::kDone) return scan;
  if (!facts.framing.Agrees(head.minor_version, why)) return Scan::kRefused;
  if (facts.hosts > 1 || (facts.hosts == 0 && head.minor_version == 1)) {
    why = facts.hosts == 0 ? "it has no Host" : "it has more than one Host";
    return Scan::kRefused;
  }
  if (!facts.upgrade_named) head.upgrade.clear();
  // An agent of HTTP/1.0 that is not told otherwise reads to the end of the connection.
  head.keep_alive = !facts.close && head.minor_version == 1;
  head.length = facts.framing.chunked              ? BodyLength::kChunked
                : facts.framing.length.value_or(0) ? BodyLength::kStated
                                                   : BodyLength::kNone;
  head.content_length = facts.framing.length.value_or(0);
  head.size = at;
  return Scan::kDone;
}

namespace {

bool ParseStatusLine(const Line& first, ResponseHead& head, std::string& why) {
  const std::string_view line = first.text;
  head.status_line = first.raw;
  if (line.size() < 12 || line[8] != ' ' || !ParseVersion(line.substr(0, 8), head.minor_version) ||
      (line.size() > 12 && line[12] != ' ')) {
    why = "its status line is not `HTTP/1.1 STATUS REASON`";
    return false;
  }
  head.reason = line.size() > 13 ? line.substr(13) : std::string_view();
  head.status = 0;
  for (const char c : line.substr(9, 3)) {
    if (c < '0' || c > '9') {
      why = "its status is not a number";
      return false;
    }
    head.status = head.status * 10 + (c - '0');
  }
  if (head.status < 100 || head.status > 599) {
    why = "its status is not between 100 and 599";
    return false;
  }
  return true;
}

}  // namespace

Scan ScanResponse(std::string_view bytes, ResponseHead& head, std::string& why) {
  head.headers.Clear();
  const Line first = NextLine(bytes);
  if (first.bare) {
    why = "its status line does not end with CRLF";
    return Scan::kRefused;
  }
  // A server that does not speak HTTP may never send a line end: judge by the first bytes.
  constexpr std::string_view kStart = "HTTP/1.";
  if (bytes.substr(0, kStart.size()) != kStart.substr(0, std::min(bytes.size(), kStart.size()))) {
    why = "it does not begin with HTTP/1";
    return Scan::kRefused;
  }
  if (!first.complete) return Scan::kMore;
  if (!ParseStatusLine(first, head, why)) return Scan::kRefused;
  size_t at = first.raw.size();
  FramingLines framing;
  bool close = false;
  bool keep_alive = false;
  const Scan scan =
      ScanLines(bytes, at, head.headers, why, [&](const message::Headers::Line& header) {
        if (message::EqualsIgnoreCase(header.name, "connection")) {
          close |= HasToken(header.value, "close");
          keep_alive |= HasToken(header.value, "keep-alive");
        }
        return framing.Add(header, why);
      });
  if (scan != Scan::kDone) return scan;
  if (!framing.Agrees(1, why)) return Scan::kRefused;
  head.length = framing.chunked              ? BodyLength::kChunked
                : framing.length.has_value() ? BodyLength::kStated
                                             : BodyLength::kUntilClose;
  head.content_length = framing.length.value_or(0);
  head.keep_alive = !close && (head.minor_version == 1 || keep_alive);
  head.size = at;
  return Scan::kDone;
}

}  // namespace murphy::wire
