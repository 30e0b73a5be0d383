// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/presences.h"

#include <algorithm>

namespace murphy::runs {

void Presences::Add(const std::string& digest, uint64_t sequence,
                    std::shared_ptr<engine::Presence> agent) {
  std::lock_guard lock(mutex_);
  by_digest_[digest].push_back({sequence, std::move(agent)});
  digests_.emplace(sequence, digest);
}

void Presences::Remove(uint64_t sequence) {
  std::lock_guard lock(mutex_);
  const auto digest = digests_.find(sequence);
  if (digest == digests_.end()) return;
  const auto asked = by_digest_.find(digest->second);
  std::erase_if(asked->second, [&](const Asked& each) { return each.sequence == sequence; });
  if (asked->second.empty()) by_digest_.erase(asked);
  digests_.erase(digest);
}

std::vector<uint64_t> Presences::TakeGone(const std::string& digest) {
  std::vector<uint64_t> gone;
  std::lock_guard lock(mutex_);
  const auto asked = by_digest_.find(digest);
  if (asked == by_digest_.end()) return gone;
  for (Asked& each : asked->second) {
    if (each.agent == nullptr || !each.agent->gone()) continue;
    gone.push_back(each.sequence);
    each.agent.reset();
  }
  return gone;
}

}  // namespace murphy::runs
