// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/engine/decision.h"
#include "daemon/scenario/plan.h"

namespace murphy::engine {

// A way in which an agent deals with a failure.
struct Recovery {
  v1::RecoveryKind kind = v1::RECOVERY_KIND_UNSPECIFIED;
  // Targets of what had failed.
  std::vector<uint32_t> of;
};

// How one plan sees one exchange. What the plan makes of it by itself, whatever has happened in the
// run, needs no lock; then the run's recogniser adds what came before.
struct Reading {
  // `viewer` tells the plans of a run apart. The plan outlives the reading.
  Reading(const scenario::Plan& seen_by, const Arrival& arrival, uint32_t viewer = 0);
  // Of an exchange from a record: who it is, and which conditions on content held, is known.
  Reading(const scenario::Plan& seen_by, const Arrival& arrival, std::vector<uint32_t> targets,
          std::vector<Recovery> recoveries, const std::vector<uint32_t>& held,
          std::vector<uint64_t> carried);

  // Reads what conditions on content look for: text of up to scenario::Content::kMostRead bytes.
  void LookIntoContent();

  const scenario::Plan* plan;
  uint32_t viewer = 0;
  // Indices into Plan::targets; and into Plan::rules, of those that could select it, in file order.
  std::vector<uint32_t> targets;
  std::vector<uint32_t> rules;
  scenario::Content content;
  // For each of Plan::carriers, a digest of what it carries; 0: nothing.
  std::vector<uint64_t> carried;
  // By the recogniser: address, without attempt, of the operation that this one is the declared
  // fallback for; and what its beginning tells about its agent.
  std::string fallback_of;
  std::vector<Recovery> recoveries;
};

}  // namespace murphy::engine
