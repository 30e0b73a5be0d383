// SPDX-License-Identifier: Apache-2.0
#include "daemon/wire/pool.h"

namespace murphy::wire {
namespace {

// Servers close idle connections after 5 s (uvicorn) or later; ours go first.
constexpr auto kMostIdle = std::chrono::seconds(4);

}  // namespace

std::unique_ptr<Upstream> UpstreamPool::TakeIdle(const runs::Route& route, const Proxy* proxy) {
  const auto found = idle_.find({route.host, route.port, route.tls, proxy});
  if (found == idle_.end()) return nullptr;
  while (!found->second.empty()) {
    std::unique_ptr<Upstream> upstream = std::move(found->second.back().upstream);
    found->second.pop_back();
    if (upstream->Quiet()) return upstream;
  }
  return nullptr;
}

void UpstreamPool::Give(const runs::Route& route, const Proxy* proxy,
                        std::unique_ptr<Upstream> upstream) {
  std::deque<Idle>& idle = idle_[{route.host, route.port, route.tls, proxy}];
  if (idle.size() >= size_) return;
  upstream->set_reused();
  idle.push_back({std::move(upstream), Clock::now()});
}

void UpstreamPool::Sweep(Clock::time_point now) {
  for (auto at = idle_.begin(); at != idle_.end();) {
    std::deque<Idle>& idle = at->second;
    while (!idle.empty() && now - idle.front().since > kMostIdle) idle.pop_front();
    at = idle.empty() ? idle_.erase(at) : std::next(at);
  }
}

}  // namespace murphy::wire
