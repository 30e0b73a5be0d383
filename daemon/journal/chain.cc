// SPDX-License-Identifier: Apache-2.0
#include <boost/json.hpp>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "daemon/journal/audit.h"
#include "daemon/journal/audit_line.h"
#include "faults/sha256.h"
#include "proto/time.h"

namespace murphy::journal {
namespace {

constexpr std::string_view kHashKey = ",\"hash\":\"";
constexpr int kMostProblems = 20;

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime(absl::RFC3339_full, FromProto(time), absl::UTCTimeZone());
}

void SetTime(const std::string& text, google::protobuf::Timestamp* out) {
  absl::Time time;
  std::string unused;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &unused)) *out = ToProto(time);
}

std::string TextOf(const boost::json::object& object, const char* key) {
  const boost::json::value* found = object.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

}  // namespace

std::string ChainLine(const AuditHead& head, v1::AuditEntry& entry) {
  entry.set_sequence(head.sequence + 1);
  entry.set_previous_hash(head.hash);
  boost::json::object object = {{"sequence", entry.sequence()}, {"time", TimeText(entry.time())},
                                {"actor", entry.actor()},       {"peer", entry.peer()},
                                {"call", entry.call()},         {"request", entry.request()},
                                {"reason", entry.reason()},     {"result", entry.result()},
                                {"previous_hash", head.hash}};
  if (entry.begun() != 0) object["begun"] = entry.begun();
  std::string line = boost::json::serialize(object);
  line.pop_back();
  entry.set_hash(Sha256Hex(line));
  absl::StrAppend(&line, std::string(kHashKey), entry.hash(), "\"}");
  return line;
}

std::optional<AuditLine> ReadAuditLine(std::string_view line) {
  const size_t end = line.rfind(kHashKey);
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse({line.data(), line.size()}, error);
  if (error || !value.is_object() || end == std::string_view::npos) return std::nullopt;
  const boost::json::object& object = value.get_object();
  const boost::json::value* sequence = object.if_contains("sequence");
  if (sequence == nullptr || !sequence->is_number()) return std::nullopt;
  AuditLine read;
  read.entry.set_sequence(sequence->to_number<uint64_t>(error));
  SetTime(TextOf(object, "time"), read.entry.mutable_time());
  read.entry.set_actor(TextOf(object, "actor"));
  read.entry.set_peer(TextOf(object, "peer"));
  read.entry.set_call(TextOf(object, "call"));
  read.entry.set_request(TextOf(object, "request"));
  read.entry.set_reason(TextOf(object, "reason"));
  read.entry.set_result(TextOf(object, "result"));
  read.entry.set_previous_hash(TextOf(object, "previous_hash"));
  read.entry.set_hash(TextOf(object, "hash"));
  if (const boost::json::value* begun = object.if_contains("begun"); begun && begun->is_number())
    read.entry.set_begun(begun->to_number<uint64_t>(error));
  // Nothing may follow the hash, which does not cover itself.
  const std::string tail = absl::StrCat(std::string(kHashKey), read.entry.hash(), "\"}");
  read.unchanged =
      !error && line.substr(end) == tail && Sha256Hex(line.substr(0, end)) == read.entry.hash();
  return read;
}

ChainCheck::ChainCheck(std::string_view noted, AuditHead base)
    : noted_(noted),
      seen_noted_(base.sequence > 0 && noted == absl::StrCat(base.sequence, ":", base.hash)),
      base_(std::move(base)) {}

void ChainCheck::Say(std::string problem) {
  if (found_.problems_size() < kMostProblems) found_.add_problems(std::move(problem));
}

void ChainCheck::Read(std::string_view line) {
  ++lines_;
  const std::optional<AuditLine> read = ReadAuditLine(line);
  if (!read.has_value()) {
    Say(absl::StrCat("Line ", lines_, " is no entry."));
    return;
  }
  found_.set_entries(found_.entries() + 1);
  const v1::AuditEntry& entry = read->entry;
  if (!read->unchanged) {
    Say(absl::StrCat("Line ", lines_, " (entry ", entry.sequence(),
                     ") was changed: its hash is not that of its text."));
  }
  if (entry.sequence() != head_.sequence + 1 || entry.previous_hash() != head_.hash) {
    Say(absl::StrCat("Line ", lines_, " (entry ", entry.sequence(), ") does not follow entry ",
                     head_.sequence, ": something was removed, inserted or reordered."));
  }
  head_ = {entry.sequence(), entry.hash()};
  seen_noted_ = seen_noted_ || noted_ == absl::StrCat(head_.sequence, ":", head_.hash);
}

v1::VerifyAuditResponse ChainCheck::Finish(const AuditHead& known) {
  if (known.sequence != head_.sequence || known.hash != head_.hash) {
    Say(absl::StrCat("The log ends with entry ", head_.sequence, ", and entry ", known.sequence,
                     " was written last: its end was removed or replaced."));
  }
  uint64_t noted = 0;
  const bool older = absl::SimpleAtoi(noted_.substr(0, noted_.find(':')), &noted) && noted > 0 &&
                     noted < base_.sequence;
  if (!noted_.empty() && !seen_noted_ && older) {
    Say(absl::StrCat("The noted head ", noted_,
                     " is older than what the log keeps, which begins after entry ", base_.sequence,
                     ": note a newer one more often."));
  } else if (!noted_.empty() && !seen_noted_) {
    Say(absl::StrCat("The noted head ", noted_, " is not in the log: it was rewritten."));
  }
  if (head_.sequence > 0) found_.set_head(absl::StrCat(head_.sequence, ":", head_.hash));
  found_.set_intact(found_.problems_size() == 0);
  return found_;
}

}  // namespace murphy::journal
