// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/request_ids.h"

#include <fmt/format.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "daemon/experiments/refusal.h"
#include "faults/sha256.h"

namespace murphy::experiments {
namespace {

constexpr size_t kMostBytes = 1 << 20;
constexpr size_t kFingerprintSize = 64;

struct Note {
  uint64_t number = 0;
  std::string id;
  Answered::Answer answer;
};

// `NUMBER SIZE ` and, of that size, the digest of the id; the fingerprint of the request; the answer.
std::string TextOf(uint64_t number, const std::string& id, const std::string& request) {
  return fmt::format("{} {} {}{}", number, id.size(), id, request);
}

std::optional<uint64_t> TakeNumber(std::string_view& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()) + 1);
  return number;
}

// Nullopt: there is none, or it is damaged.
std::optional<Note> ReadNote(std::string_view text) {
  const std::optional<uint64_t> number = TakeNumber(text);
  const std::optional<uint64_t> size = TakeNumber(text);
  if (!number.has_value() || !size.has_value() || *size > text.size() ||
      text.size() - *size < kFingerprintSize)
    return std::nullopt;
  Note note{.number = *number, .id = std::string(text.substr(0, *size))};
  text.remove_prefix(*size);
  note.answer.request = text.substr(0, kFingerprintSize);
  note.answer.response = text.substr(kFingerprintSize);
  note.answer.old = true;
  return note;
}

}  // namespace

std::string FingerprintOf(const google::protobuf::Message& request) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    // The order of a map is no difference.
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return Sha256Hex(bytes);
}

std::string Answered::PlaceOf(uint64_t number) const {
  return fmt::format("answer/{}/{}", kind_, number % kMost);
}

void Answered::Load() {
  if (std::exchange(loaded_, true)) return;
  for (uint64_t place = 0; place < kMost; ++place) {
    const absl::StatusOr<std::string> text = journal_.GetNote(PlaceOf(place));
    std::optional<Note> note = text.ok() ? ReadNote(*text) : std::nullopt;
    if (!note.has_value()) continue;
    next_ = std::max(next_, note->number + 1);
    order_[note->number] = note->id;
    answers_[note->id] = std::move(note->answer);
  }
}

absl::StatusOr<const Answered::Answer*> Answered::Find(const std::string& id,
                                                       const std::string& request) {
  Load();
  const auto found = answers_.find(Sha256Hex(id));
  if (found == answers_.end()) return nullptr;
  if (found->second.request == request) return &found->second;
  return BadRequest("The request id was used before",
                    {{"request_id", fmt::format("`{}` belongs to another request: a repeated call "
                                                "is the same in every field",
                                                id)}});
}

void Answered::Keep(const std::string& id, Answer answer) {
  Load();
  const uint64_t number = next_++;
  const std::string name = Sha256Hex(id);
  // A journal that fails says so itself.
  if (answer.response.size() <= kMostBytes) {
    std::string note = TextOf(number, name, answer.request);
    if (recorded_ == Recorded::kAnswers) note += answer.response;
    journal_.PutNote(PlaceOf(number), note).IgnoreError();
  }
  order_[number] = name;
  answers_[name] = std::move(answer);
  if (order_.size() <= kMost) return;
  answers_.erase(order_.begin()->second);
  order_.erase(order_.begin());
}

}  // namespace murphy::experiments
