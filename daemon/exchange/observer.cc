// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/observer.h"

#include <algorithm>

#include "daemon/dialect/dialects.h"
#include "faults/message/framing.h"

namespace murphy::exchange {
namespace {

// A plain body that is read whole.
constexpr size_t kMostKept = 1 << 20;
// Of a longer one.
constexpr size_t kTail = 16 << 10;
// What is read of a coded answer.
constexpr size_t kMostDecoded = 64 << 20;
// Small answers take nothing from the memory that all share; larger ones take it in steps, twice as
// much as they have: a string that grows is there twice.
constexpr uint64_t kFree = 16 << 10;
constexpr uint64_t kStep = 64 << 10;
// As much of an answer is kept for `stale_*`.
constexpr size_t kMostHistoryBytes = 256 * 1024;

}  // namespace

Observer::Observer(const message::Dialect& dialect, const message::AnswerHead& head,
                   const message::Call& call, HeldLimit& held, bool keeps)
    : content_type_(head.headers.Find("content-type")),
      coded_(dialect::IsCoded(head.headers.Find("content-encoding"))),
      keeps_(keeps),
      framing_(message::FramingOf(content_type_)),
      share_(held),
      room_(kFree) {
  reader_ = dialect.NewAnswer(head.status, framing_ != message::Framing::kWhole, call);
  framer_ = message::NewFramer(framing_);
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
  if (!HasRoom(decoded.size())) {
    lost_ = true;
    return;
  }
  Keep(decoded);
  if (framer_ == nullptr) return;
  parts_.clear();
  framer_->Feed(decoded, parts_);
  for (const message::Part& part : parts_) Note(part);
}

void Observer::Feed(const message::Part& part) {
  bytes_ += part.raw.size();
  if (!HasRoom(part.raw.size())) {
    lost_ = true;
    return;
  }
  Keep(part.raw);
  Note(part);
}

// Nobody keeps more of an answer than kMostKept.
bool Observer::HasRoom(size_t more) {
  read_ += more;
  while (std::min<uint64_t>(read_, kMostKept) > room_) {
    if (!share_.Grow(2 * kStep)) return false;
    room_ += kStep;
  }
  return true;
}

void Observer::Keep(std::string_view decoded) {
  const size_t most = framer_ == nullptr ? kMostKept : keeps_ ? kMostHistoryBytes : 0;
  const size_t room = most - std::min(most, kept_.size());
  kept_.append(decoded.substr(0, room));
  if (framer_ != nullptr || decoded.size() <= room) return;
  lost_ = true;
  tail_.append(decoded.substr(decoded.size() - std::min(decoded.size(), kTail)));
  if (tail_.size() > 2 * kTail) tail_.erase(0, tail_.size() - kTail);
}

void Observer::Note(const message::Part& part) {
  // An event that was too long to be put together has no data.
  if (part.data.empty()) return;
  ++events_;
  reader_->Read(part);
}

message::Answer Observer::Read() {
  if (framer_ != nullptr) {
    // SDKs take what a stream ends with for an event, blank line or not.
    if (std::string tail = framer_->TakeTail(); !tail.empty()) Note(message::TailPart(framing_, std::move(tail)));
  } else if (lost_) {
    reader_->TakeTail(tail_);
  } else {
    reader_->Take({}, kept_);
  }
  return reader_->Finish(!lost_);
}

std::shared_ptr<const message::Document> Observer::Document() const {
  if (!keeps_ || lost_ || bytes_ > kMostHistoryBytes || kept_.size() > kMostHistoryBytes)
    return nullptr;
  return std::make_shared<const message::Document>(dialect::MakeDocument(content_type_, kept_));
}

}  // namespace murphy::exchange
