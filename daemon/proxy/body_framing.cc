// SPDX-License-Identifier: Apache-2.0
#include "daemon/proxy/body_framing.h"

#include <algorithm>
#include <charconv>

namespace murphy::proxy {
namespace {

constexpr size_t kMostExtensionBytes = 4096;
constexpr size_t kMostTrailerBytes = 16384;

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

BodyFraming::BodyFraming(Framing framing, uint64_t content_length)
    : framing_(framing),
      done_(framing == Framing::kNone || (framing == Framing::kLength && content_length == 0)),
      left_(framing == Framing::kLength ? content_length : 0) {}

void BodyFraming::Take(std::string_view bytes, std::string* payload, size_t limit) {
  payload_bytes_ += bytes.size();
  if (payload == nullptr || payload->size() >= limit) return;
  payload->append(bytes.substr(0, limit - payload->size()));
}

size_t BodyFraming::Consume(std::string_view bytes, std::string* payload, size_t limit) {
  if (done_ || broken_) return 0;
  switch (framing_) {
    case Framing::kNone:
      return 0;
    case Framing::kUntilClose:
      Take(bytes, payload, limit);
      return bytes.size();
    case Framing::kLength: {
      const size_t taken = static_cast<size_t>(std::min<uint64_t>(bytes.size(), left_));
      Take(bytes.substr(0, taken), payload, limit);
      left_ -= taken;
      done_ = left_ == 0;
      return taken;
    }
    case Framing::kChunked:
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
      return c != '\n' && ++line_bytes_ <= kMostExtensionBytes;
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
    return true;
  }
  ++line_bytes_;
  return c != '\n';
}

std::string FormatChunk(std::string_view bytes) {
  if (bytes.empty()) return {};
  char size[16];
  const auto end = std::to_chars(size, size + sizeof(size), bytes.size(), 16).ptr;
  std::string chunk(size, end);
  chunk.append("\r\n").append(bytes).append("\r\n");
  return chunk;
}

}  // namespace murphy::proxy
