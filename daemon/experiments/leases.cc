// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/leases.h"

#include <algorithm>

namespace murphy::experiments {

void Leases::Add(const std::string& run, absl::Duration length, bool required, absl::Duration now) {
  leases_[run] = {.length = length, .deadline = now + length, .running = required};
}

Leases::Opening Leases::Open(const std::string& run, absl::Duration now) {
  const auto found = leases_.find(run);
  if (found == leases_.end()) return Opening::kUnknown;
  Lease& lease = found->second;
  if (lease.over) return Opening::kOver;
  ++lease.holders;
  lease.running = true;
  lease.deadline = now + lease.length;
  return Opening::kOpen;
}

void Leases::Renew(const std::string& run, absl::Duration now) {
  const auto found = leases_.find(run);
  if (found != leases_.end() && !found->second.over)
    found->second.deadline = now + found->second.length;
}

bool Leases::Close(const std::string& run, absl::Duration now) {
  const auto found = leases_.find(run);
  if (found == leases_.end()) return false;
  Lease& lease = found->second;
  lease.holders = std::max(0, lease.holders - 1);
  if (lease.over || lease.holders > 0) return false;
  End(lease, now);
  return true;
}

std::vector<std::string> Leases::TakeLapsed(absl::Duration now) {
  std::vector<std::string> lapsed;
  for (auto& [run, lease] : leases_) {
    if (!lease.running || lease.over || now < lease.deadline) continue;
    End(lease, now);
    lapsed.push_back(run);
  }
  return lapsed;
}

std::vector<std::string> Leases::TakeAbandoned(absl::Duration now) {
  std::vector<std::string> abandoned;
  for (auto& [run, lease] : leases_) {
    if (!lease.over || lease.abandoned || now - lease.ended <= kGrace) continue;
    lease.abandoned = true;
    abandoned.push_back(run);
  }
  return abandoned;
}

bool Leases::any_held() const {
  return std::any_of(leases_.begin(), leases_.end(),
                     [](const auto& entry) { return entry.second.running && !entry.second.over; });
}

void Leases::End(Lease& lease, absl::Duration now) {
  lease.over = true;
  lease.ended = now;
}

}  // namespace murphy::experiments
