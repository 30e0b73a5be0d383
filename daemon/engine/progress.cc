// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/progress.h"

namespace murphy::engine {

void Progress::Begin(const std::vector<uint32_t>& targets, bool fresh_operation,
                     uint32_t injections, absl::Duration now) {
  const auto add = [&](Account& account) {
    if (!account.first.has_value()) account.first = now;
    ++account.tally.calls;
    if (fresh_operation) ++account.tally.operations;
    account.tally.injections += injections;
  };
  add(run_);
  for (const uint32_t target : targets) add(targets_[target]);
}

void Progress::Spend(const std::vector<uint32_t>& targets, const scenario::Tally& spent) {
  const auto add = [&](Account& account) {
    account.tally.tokens += spent.tokens;
    account.tally.bytes += spent.bytes;
    account.tally.events += spent.events;
  };
  add(run_);
  for (const uint32_t target : targets) add(targets_[target]);
}

void Progress::Inject(const std::vector<uint32_t>& targets) {
  ++run_.tally.injections;
  for (const uint32_t target : targets) ++targets_[target].tally.injections;
}

std::optional<absl::Duration> Progress::ReachedAt(const scenario::Milestone& milestone) const {
  const Account& account = At(milestone.of);
  if (!milestone.time.has_value() || !milestone.CountsReached({}) || !account.first.has_value())
    return std::nullopt;
  return *account.first + *milestone.time;
}

bool Progress::Reached(const scenario::Milestone& milestone, absl::Duration now) const {
  const Account& account = At(milestone.of);
  if (!milestone.CountsReached(account.tally)) return false;
  if (!milestone.time.has_value()) return true;
  return account.first.has_value() && now - *account.first >= *milestone.time;
}

}  // namespace murphy::engine
