// SPDX-License-Identifier: Apache-2.0
#include "faults/message/framing.h"

#include <array>
#include <utility>

#include "faults/message/document.h"
#include "faults/message/headers.h"
#include "faults/message/sse.h"

namespace murphy::message {
namespace {

// The media type without its parameters.
std::string_view MediaType(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find(';'));
  const auto space = [](char c) { return c == ' ' || c == '\t'; };
  while (!content_type.empty() && space(content_type.back())) content_type.remove_suffix(1);
  while (!content_type.empty() && space(content_type.front())) content_type.remove_prefix(1);
  return content_type;
}

class SseFramer final : public Framer {
 public:
  explicit SseFramer(size_t limit) : scanner_(limit) {}

  void Feed(std::string_view bytes, std::vector<Part>& parts) override {
    scanner_.Feed(bytes, parts);
  }
  std::string TakeTail() override { return scanner_.TakeTail(); }
  size_t pending() const override { return scanner_.pending(); }

 private:
  SseScanner scanner_;
};

class LineFramer final : public Framer {
 public:
  explicit LineFramer(size_t limit) : limit_(limit) {}

  void Feed(std::string_view bytes, std::vector<Part>& parts) override {
    while (!bytes.empty()) {
      const size_t feed = bytes.find('\n');
      const size_t taken = feed == std::string_view::npos ? bytes.size() : feed + 1;
      held_.append(bytes.substr(0, taken));
      bytes.remove_prefix(taken);
      if (feed != std::string_view::npos) {
        parts.push_back(PartOf(std::exchange(held_, {})));
      } else if (overlong_ || held_.size() >= limit_) {
        overlong_ = true;
        parts.push_back({.raw = std::exchange(held_, {}), .framing = Framing::kLines});
      }
    }
  }
  std::string TakeTail() override { return std::exchange(held_, {}); }
  size_t pending() const override { return held_.size(); }

 private:
  Part PartOf(std::string raw) {
    Part part{.framing = Framing::kLines};
    if (!std::exchange(overlong_, false)) {
      std::string_view data = raw;
      data.remove_suffix(data.ends_with("\r\n") ? 2 : 1);
      part.data = data;
    }
    part.raw = std::move(raw);
    return part;
  }

  size_t limit_;
  std::string held_;
  bool overlong_ = false;
};

}  // namespace

Framing FramingOf(std::string_view content_type) {
  const std::string_view type = MediaType(content_type);
  if (EqualsIgnoreCase(type, "text/event-stream")) return Framing::kSse;
  constexpr std::array<std::string_view, 4> kLineTypes = {
      "application/x-ndjson", "application/ndjson", "application/jsonl", "application/jsonlines"};
  for (const std::string_view lines : kLineTypes) {
    if (EqualsIgnoreCase(type, lines)) return Framing::kLines;
  }
  return Framing::kWhole;
}

std::unique_ptr<Framer> NewFramer(Framing framing, size_t limit) {
  switch (framing) {
    case Framing::kWhole:
      return nullptr;
    case Framing::kSse:
      return std::make_unique<SseFramer>(limit);
    case Framing::kLines:
      return std::make_unique<LineFramer>(limit);
  }
  return nullptr;
}

Part TailPart(Framing framing, std::string tail) {
  if (framing == Framing::kSse) return ParseEvent(std::move(tail));
  Part part{.data = tail, .framing = framing};
  part.raw = std::move(tail);
  return part;
}

}  // namespace murphy::message
