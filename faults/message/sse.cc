// SPDX-License-Identifier: Apache-2.0
#include "faults/message/sse.h"

#include <algorithm>
#include <utility>

namespace murphy::message {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

void ReadLine(std::string_view line, Part& part, bool& has_data) {
  const size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  if (name == "event") {
    part.event = value;
  } else if (name == "data") {
    if (has_data) {
      part.data += '\n';
    }
    part.data += value;
    has_data = true;
  }
}

}  // namespace

void SseScanner::Feed(std::string_view bytes, std::vector<Part>& parts) {
  buffer_ += bytes;
  size_t begin = 0;
  const auto take = [&](size_t end) {
    std::string raw = buffer_.substr(begin, end - begin);
    parts.push_back(overlong_ ? Part{.raw = std::move(raw), .framing = Framing::kSse}
                              : ParseEvent(std::move(raw)));
    begin = end;
  };
  while (scanned_ < buffer_.size()) {
    const char c = buffer_[scanned_];
    if (c != '\n' && c != '\r') {
      line_empty_ = false;
      scanned_ = std::min(buffer_.find_first_of("\r\n", scanned_), buffer_.size());
    } else if (c == '\r' && scanned_ + 1 == buffer_.size()) {
      break;  // a LF may belong to it
    } else {
      scanned_ += c == '\r' && buffer_[scanned_ + 1] == '\n' ? 2 : 1;
      if (line_empty_) {
        take(scanned_);
        overlong_ = false;
      }
      line_empty_ = true;
    }
    if (scanned_ - begin >= limit_) {
      overlong_ = true;
      take(scanned_);
    }
  }
  if (overlong_ && scanned_ > begin) {
    take(scanned_);
  }
  buffer_.erase(0, begin);
  scanned_ -= begin;
}

std::string SseScanner::TakeTail() {
  scanned_ = 0;
  line_empty_ = true;
  overlong_ = false;
  return std::exchange(buffer_, {});
}

Part ParseEvent(std::string raw) {
  Part part{.framing = Framing::kSse};
  bool has_data = false;
  std::string_view rest = raw;
  if (rest.starts_with(kByteOrderMark)) {
    rest.remove_prefix(kByteOrderMark.size());
  }
  while (!rest.empty()) {
    const size_t end = rest.find_first_of("\r\n");
    ReadLine(rest.substr(0, end), part, has_data);
    if (end == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(end + (rest.substr(end, 2) == "\r\n" ? 2 : 1));
  }
  part.raw = std::move(raw);
  return part;
}

std::string FormatEvent(std::string_view event, std::string_view data) {
  std::string out;
  if (!event.empty()) {
    out.append("event: ").append(event).append("\n");
  }
  while (true) {
    const size_t end = data.find('\n');
    out.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == std::string_view::npos) {
      return out += '\n';
    }
    data.remove_prefix(end + 1);
  }
}

}  // namespace murphy::message
