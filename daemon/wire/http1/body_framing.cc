// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/http1/body_framing.h"

#include <algorithm>
#include <charconv>

namespace murphy::wire {
namespace {

constexpr size_t kMostExtensionBytes = 4096;
constexpr size_t kMostTrailerBytes = 16384;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What may stand in a line (RFC 9110 section 5.5), its end apart.
bool IsText(char raw) {
  const auto c = static_cast<unsigned char>(raw);
  return c >= 0x20 ? c != 0x7f : c == '\t' || c == '\r';
}

}  // namespace

BodyFraming::BodyFraming(BodyLength length, uint64_t content_length)
    : length_(length),
      done_(length == BodyLength::kNone || (length == BodyLength::kStated && content_length == 0)),
      left_(length == BodyLength::kStated ? content_length : 0) {}

void BodyFraming::Take(std::string_view bytes, std::string* payload, size_t limit) {
  payload_bytes_ += bytes.size();
  if (payload == nullptr || payload->size() >= limit) return;
  payload->append(bytes.substr(0, limit - payload->size()));
}

size_t BodyFraming::Consume(std::string_view bytes, std::string* payload, size_t limit) {
  if (done_ || broken_) return 0;
  switch (length_) {
    case BodyLength::kNone:
      return 0;
    case BodyLength::kUntilClose:
      Take(bytes, payload, limit);
      return bytes.size();
    case BodyLength::kStated: {
      const size_t taken = static_cast<size_t>(std::min<uint64_t>(bytes.size(), left_));
      Take(bytes.substr(0, taken), payload, limit);
      left_ -= taken;
      done_ = left_ == 0;
      return taken;
    }
    case BodyLength::kChunked:
      return ConsumeChunked(bytes, payload, limit);
  }
  return 0;
}

size_t BodyFraming::ConsumeChunked(std::string_view bytes, std::string* payload, size_t limit) {
  size_t at = 0;
  while (at < bytes.size() && !done_) {
    if (state_ == State::kData) {
      const size_t taken = static_cast<size_t>(std::min<uint64_t>(bytes.size() - at, left_));
      Take(bytes.substr(at, taken), payload, limit);
      left_ -= taken;
      at += taken;
      if (left_ == 0) state_ = State::kDataEnd;
      continue;
    }
    if (!Step(bytes[at])) {
      broken_ = true;
      return at;
    }
    ++at;
  }
  return at;
}

bool BodyFraming::Step(char c) {
  switch (state_) {
    case State::kSize:
      return StepSize(c);
    case State::kExtension:
      if (c == '\r') state_ = State::kSizeEnd;
      return IsText(c) && ++line_bytes_ <= kMostExtensionBytes;
    case State::kSizeEnd:
      if (c != '\n') return false;
      state_ = left_ == 0 ? State::kTrailer : State::kData;
      size_digits_ = 0;
      line_bytes_ = 0;
      return true;
    case State::kData:
      return false;
    case State::kDataEnd:
      if (!saw_cr_) {
        saw_cr_ = true;
        return c == '\r';
      }
      saw_cr_ = false;
      state_ = State::kSize;
      return c == '\n';
    case State::kTrailer:
    case State::kTrailerEnd:
      return StepTrailer(c);
  }
  return false;
}

bool BodyFraming::StepSize(char c) {
  const int digit = HexValue(c);
  if (digit >= 0) {
    if (++size_digits_ > 15) return false;
    left_ = left_ * 16 + static_cast<uint64_t>(digit);
    return true;
  }
  if (size_digits_ == 0) return false;
  if (c == '\r') {
    state_ = State::kSizeEnd;
    return true;
  }
  if (c != ';') return false;
  state_ = State::kExtension;
  return true;
}

// Trailer lines, then a blank one. `line_bytes_` counts the bytes of the line so far.
bool BodyFraming::StepTrailer(char c) {
  if (++trailer_bytes_ > kMostTrailerBytes) return false;
  if (state_ == State::kTrailerEnd) {
    if (c != '\n') return false;
    done_ = line_bytes_ == 0;
    line_bytes_ = 0;
    state_ = State::kTrailer;
    return true;
  }
  if (c == '\r') {
    state_ = State::kTrailerEnd;
    // A field line has a name and a colon.
    const bool field = line_bytes_ == 0 || saw_colon_;
    saw_colon_ = false;
    return field;
  }
  if (c == ':') {
    if (line_bytes_ == 0) return false;
    saw_colon_ = true;
  }
  ++line_bytes_;
  return IsText(c) && (saw_colon_ || c != ' ');
}

std::string FormatChunk(std::string_view bytes) {
  if (bytes.empty()) return {};
  char size[16];
  const auto end = std::to_chars(size, size + sizeof(size), bytes.size(), 16).ptr;
  std::string chunk(size, end);
  chunk.append("\r\n").append(bytes).append("\r\n");
  return chunk;
}

}  // namespace murphy::wire
