// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <deque>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace murphy::experiments {

// Tells requests apart: equal ones, and no others, have the same.
std::string FingerprintOf(const google::protobuf::Message& request);
// INVALID_ARGUMENT: the id belongs to another request.
absl::Status RequestIdReused(const std::string& id);

// Answers to the last creating calls by their request ids, so that a repeated call creates nothing.
// Not synchronised.
template <typename Response>
class RequestIds {
 public:
  // True for a call that was answered before: `response` is that answer. An id that comes with
  // another request is refused.
  template <typename Request>
  absl::StatusOr<bool> Repeats(const Request& request, Response* response) const {
    const auto found = answers_.find(request.request_id());
    if (found == answers_.end()) return false;
    if (found->second.request != FingerprintOf(request))
      return RequestIdReused(request.request_id());
    *response = found->second.response;
    return true;
  }

  template <typename Request>
  void Keep(const Request& request, const Response& response) {
    const std::string& id = request.request_id();
    if (id.empty() || !answers_.emplace(id, Answer{FingerprintOf(request), response}).second)
      return;
    order_.push_back(id);
    if (order_.size() <= kMost) return;
    answers_.erase(order_.front());
    order_.pop_front();
  }

 private:
  static constexpr size_t kMost = 256;
  struct Answer {
    std::string request;
    Response response;
  };
  std::map<std::string, Answer> answers_;
  std::deque<std::string> order_;
};

}  // namespace murphy::experiments
