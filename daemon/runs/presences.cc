// SPDX-License-Identifier: Apache-2.0
#include "daemon/runs/presences.h"

#include <poll.h>

#include <algorithm>

#include "absl/container/inlined_vector.h"

namespace murphy::runs {
namespace {

// Of a crowd that asks the same, the latest: the engine does not tell more of them apart either.
constexpr size_t kMostAsked = 64;

}  // namespace

void Presences::Add(const std::string& digest, uint64_t sequence,
                    std::shared_ptr<engine::Presence> agent) {
  std::lock_guard lock(mutex_);
  std::vector<Asked>& asked = by_digest_[digest];
  if (asked.size() == kMostAsked) asked.erase(asked.begin());
  asked.push_back({sequence, std::move(agent)});
  digests_.emplace(sequence, digest);
}

void Presences::Remove(uint64_t sequence) {
  std::lock_guard lock(mutex_);
  const auto digest = digests_.find(sequence);
  if (digest == digests_.end()) return;
  if (const auto asked = by_digest_.find(digest->second); asked != by_digest_.end()) {
    std::erase_if(asked->second, [&](const Asked& each) { return each.sequence == sequence; });
    if (asked->second.empty()) by_digest_.erase(asked);
  }
  digests_.erase(digest);
}

// Whoever sends the same request again, and has closed this connection's sending side, does not
// wait for an answer on it. One call for all of them: a crowd of agents may ask the same.
std::vector<uint64_t> Presences::TakeGone(const std::string& digest) {
  std::vector<uint64_t> gone;
  std::lock_guard lock(mutex_);
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) return gone;
  std::vector<Asked>& asked = found->second;
  absl::InlinedVector<pollfd, 8> polled;
  for (const Asked& each : asked) polled.push_back({each.agent->Borrow(), POLLRDHUP, 0});
  ::poll(polled.data(), polled.size(), 0);
  for (const Asked& each : asked) each.agent->GiveBack();
  for (size_t i = 0; i < asked.size(); ++i) {
    const bool left = polled[i].fd < 0 || (polled[i].revents & (POLLRDHUP | POLLERR | POLLHUP)) != 0;
    if (left) gone.push_back(asked[i].sequence);
  }
  std::erase_if(asked, [&](const Asked& each) {
    return std::find(gone.begin(), gone.end(), each.sequence) != gone.end();
  });
  if (asked.empty()) by_digest_.erase(found);
  return gone;
}

}  // namespace murphy::runs
