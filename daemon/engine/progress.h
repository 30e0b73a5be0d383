// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "daemon/scenario/milestone.h"

namespace murphy::engine {

// What a run, and each target in it, has come to.
class Progress {
 public:
  explicit Progress(size_t targets) : targets_(targets) {}

  // An exchange has begun. To be called when everything about it is decided: a milestone counts
  // what came before.
  void Begin(const std::vector<uint32_t>& targets, bool fresh_operation, uint32_t injections,
             absl::Duration now);
  // An exchange has ended that used this.
  void Spend(const std::vector<uint32_t>& targets, const scenario::Tally& spent);

  // An exchange that had begun before is injected.
  void Inject(const std::vector<uint32_t>& targets);

  // Of a target, or of everything for -1.
  const scenario::Tally& Of(int target) const { return At(target).tally; }

  // The run has come this far, times counted from the first exchange.
  bool Reached(const scenario::Milestone& milestone, absl::Duration now) const;
  // When a milestone that only time reaches is or was reached; nullopt for others.
  std::optional<absl::Duration> ReachedAt(const scenario::Milestone& milestone) const;
  // The run's first exchange.
  std::optional<absl::Duration> first() const { return run_.first; }

 private:
  struct Account {
    scenario::Tally tally;
    std::optional<absl::Duration> first;
  };
  const Account& At(int target) const { return target < 0 ? run_ : targets_[target]; }

  Account run_;
  std::vector<Account> targets_;
};

}  // namespace murphy::engine
