// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/engine/presence.h"

namespace murphy::runs {

// The agents of a run's open exchanges, by what they asked. Before a request is told from an earlier
// one like it, their connections are looked at: an agent that closed its own a moment ago has given
// up, whether or not anybody has noticed yet.
//
// Threads: any.
class Presences {
 public:
  void Add(const std::string& digest, uint64_t sequence, std::shared_ptr<engine::Presence> agent);
  void Remove(uint64_t sequence);
  // Exchanges that asked the same and whose agents are gone; each is named once.
  std::vector<uint64_t> TakeGone(const std::string& digest);

 private:
  struct Asked {
    uint64_t sequence = 0;
    std::shared_ptr<engine::Presence> agent;
  };
  std::mutex mutex_;
  absl::flat_hash_map<std::string, std::vector<Asked>> by_digest_;
  absl::flat_hash_map<uint64_t, std::string> digests_;
};

}  // namespace murphy::runs
