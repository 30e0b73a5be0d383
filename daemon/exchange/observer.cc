// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/observer.h"

#include "daemon/dialect/dialects.h"

namespace murphy::exchange {
namespace {

// A bounded copy is enough to read usage, text and tool calls off an answer.
constexpr size_t kMostKept = 1 << 20;
// What is read of a coded answer.
constexpr size_t kMostDecoded = 64 << 20;
// As much of an answer is kept for `stale_*`.
constexpr size_t kMostHistoryBytes = 256 * 1024;

}  // namespace

Observer::Observer(const message::Dialect& dialect, const message::AnswerHead& head)
    : dialect_(dialect),
      status_(head.status),
      content_type_(head.headers.Find("content-type")),
      coded_(dialect::IsCoded(head.headers.Find("content-encoding"))),
      framing_(message::FramingOf(content_type_)),
      framer_(message::NewFramer(framing_)) {
  if (coded_) decoder_ = dialect::NewDecoder(head.headers.Find("content-encoding"), kMostDecoded);
}

void Observer::Feed(std::string_view payload) {
  bytes_ += payload.size();
  std::string_view decoded = payload;
  if (coded_) {
    decoded_.clear();
    if (decoder_ == nullptr || !decoder_->Feed(payload, decoded_)) {
      decoder_.reset();
      lost_ = true;
    }
    decoded = decoded_;
  }
  Keep(decoded);
  if (framer_ == nullptr) return;
  parts_.clear();
  framer_->Feed(decoded, parts_);
  for (const message::Part& part : parts_) Note(part);
}

void Observer::Feed(const message::Part& part) {
  bytes_ += part.raw.size();
  Keep(part.raw);
  Note(part);
}

void Observer::Keep(std::string_view decoded) {
  const size_t room = kMostKept - std::min(kMostKept, kept_.size());
  kept_.append(decoded.substr(0, room));
  if (decoded.size() > room) lost_ = true;
}

void Observer::Note(const message::Part& part) {
  if (part.data.empty()) return;
  ++events_;
  if (over_) return;
  if (dialect_.Classify(part) == message::Piece::kEnd) {
    over_ = true;
    return;
  }
  // Reading is dearer than looking: most events name no error.
  const bool names_error = part.event.find("error") != std::string::npos ||
                           part.data.find("\"error\"") != std::string::npos ||
                           part.data.find("failed") != std::string::npos;
  over_ = names_error && dialect_.Read(200, {.stream = true, .parts = {part}}).failed;
}

message::Answer Observer::Read() {
  auto document =
      std::make_shared<message::Document>(dialect::MakeDocument(content_type_, kept_));
  const message::Answer answer = dialect_.Read(status_, *document);
  if (!lost_ && kept_.size() <= kMostHistoryBytes) document_ = std::move(document);
  return answer;
}

}  // namespace murphy::exchange
