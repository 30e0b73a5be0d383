// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/canaries.h"

#include <algorithm>

#include "absl/strings/string_view.h"

namespace murphy::runs {

Canaries Canaries::With(const std::string& nonce) const {
  Canaries more = *this;
  if (nonce.empty() || nonces_.size() >= kMost) return more;
  if (!more.places_.try_emplace(nonce, nonces_.size()).second) return more;
  more.nonces_.push_back(nonce);
  more.lengths_.insert(nonce.size());
  if (nonces_.empty()) {
    more.beginning_ = nonce;
  } else {
    const auto common =
        std::mismatch(beginning_.begin(), beginning_.end(), nonce.begin(), nonce.end());
    more.beginning_.erase(static_cast<size_t>(common.first - beginning_.begin()));
  }
  return more;
}

std::vector<std::string> Canaries::In(std::string_view text) const {
  std::vector<std::string> found;
  text = text.substr(0, kMostRead);
  std::vector<bool> seen(nonces_.size());
  size_t at = 0;
  while (!nonces_.empty() && (at = text.find(beginning_, at)) < text.size()) {
    for (const size_t length : lengths_) {
      const std::string_view here = text.substr(at, length);
      const auto place = places_.find(absl::string_view(here.data(), here.size()));
      if (place != places_.end()) seen[place->second] = true;
    }
    ++at;
  }
  for (size_t i = 0; i < nonces_.size(); ++i) {
    if (seen[i]) found.push_back(nonces_[i]);
  }
  return found;
}

}  // namespace murphy::runs
