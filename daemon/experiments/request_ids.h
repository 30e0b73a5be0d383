// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/journal/clean.h"
#include "daemon/journal/journal.h"

namespace murphy::experiments {

// Tells requests apart: equal ones, and no others, have the same.
std::string FingerprintOf(const google::protobuf::Message& request);

// The last requests of one kind that were answered, and the answers, in this daemon or in one before
// it on the same journal. Not synchronised.
class Answered {
 public:
  struct Answer {
    // Fingerprint of the request.
    std::string request;
    std::string response;
    // It was given before the daemon was started.
    bool old = false;
  };

  // Whether the journal gets the answers, too, or only that there were some.
  enum class Recorded { kAnswers, kRequests };

  Answered(journal::Journal& journal, std::string_view kind, Recorded recorded)
      : journal_(journal), kind_(kind), recorded_(recorded) {}

  // Null: the id is new. INVALID_ARGUMENT: it belongs to another request.
  absl::StatusOr<const Answer*> Find(const std::string& id, const std::string& request);
  // Once it returns the answer outlives the daemon, unless the journal fails (and says so) or the
  // answer is larger than a megabyte.
  void Keep(const std::string& id, Answer answer);

 private:
  // Ids by the number of their answer, and a place among the journal's notes for each of the last
  // ones.
  static constexpr uint64_t kMost = 256;
  std::string PlaceOf(uint64_t number) const;
  void Load();

  journal::Journal& journal_;
  const std::string kind_;
  const Recorded recorded_;
  bool loaded_ = false;
  uint64_t next_ = 0;
  // By the digest of the id, as anything may be said in one.
  std::map<std::string, Answer> answers_;
  std::map<uint64_t, std::string> order_;
};

// Answers to the last creating calls by their request ids, so that a repeated call creates nothing.
// Not synchronised.
template <typename Response>
class RequestIds {
 public:
  // `kind` names the call among the journal's notes.
  RequestIds(journal::Journal& journal, std::string_view kind,
             Answered::Recorded recorded = Answered::Recorded::kAnswers)
      : answered_(journal, kind, recorded) {}

  // True for a call that was answered before: `response` is that answer. An id that comes with
  // another request is refused. `old`, where it is given: by a daemon before this one.
  template <typename Request>
  absl::StatusOr<bool> Repeats(const Request& request, Response* response, bool* old = nullptr) {
    if (request.request_id().empty()) return false;
    const auto found = answered_.Find(request.request_id(), FingerprintOf(request));
    if (!found.ok()) return found.status();
    if (*found == nullptr) return false;
    if (old != nullptr) *old = (*found)->old;
    return response->ParseFromString((*found)->response);
  }

  template <typename Request>
  void Keep(const Request& request, const Response& response) {
    if (request.request_id().empty()) return;
    Response told = response;
    journal::Clean(told);
    answered_.Keep(request.request_id(), {FingerprintOf(request), told.SerializeAsString()});
  }

 private:
  Answered answered_;
};

}  // namespace murphy::experiments
