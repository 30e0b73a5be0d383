// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <string>

namespace murphy::experiments {

// Answers to the last creating calls by their request ids, so that a repeated call creates nothing.
// Not synchronised.
template <typename Response>
class RequestIds {
 public:
  // Null for a new id, and for an empty one.
  const Response* Find(const std::string& id) const {
    const auto found = answers_.find(id);
    return found == answers_.end() ? nullptr : &found->second;
  }

  void Keep(const std::string& id, const Response& response) {
    if (id.empty() || !answers_.emplace(id, response).second) return;
    order_.push_back(id);
    if (order_.size() <= kMost) return;
    answers_.erase(order_.front());
    order_.pop_front();
  }

 private:
  static constexpr size_t kMost = 256;
  std::map<std::string, Response> answers_;
  std::deque<std::string> order_;
};

}  // namespace murphy::experiments
