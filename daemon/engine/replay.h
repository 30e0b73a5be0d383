// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/scenario/plan.h"
#include "murphy/v1/exchange.pb.h"
#include "murphy/v1/replay.pb.h"

namespace murphy::engine {

// What the journal has of one run of one plan.
struct Recorded {
  std::shared_ptr<const scenario::Plan> plan;
  uint32_t run_index = 0;
  v1::Arm arm = v1::ARM_TREATMENT;
  // Where the run before it had left the counters of the experiment.
  std::vector<v1::RuleCounts> counts_before;
  uint64_t injections_before = 0;
  // With their inputs; in any order.
  std::vector<v1::Exchange> exchanges;
  std::vector<v1::EngineStep> steps;
  // As they were decided: the first state of each, in order.
  std::vector<v1::Injection> decided;
};

// What came of deciding it again.
struct Replayed {
  static constexpr size_t kMostDifferences = 100;

  uint64_t exchanges = 0;
  // Injections that are the same.
  uint64_t injections = 0;
  // The record's injections of one-off faults, which are not looked at.
  uint64_t one_off = 0;
  // The first ones, a sentence each, in the order of the run.
  std::vector<std::string> differences;
  uint64_t difference_count = 0;
};

// Feeds a new decider what the recorded one was told, in the same order and at the same times, and
// compares what it decides with the recorded injections: exchange, rule, fault, address, state,
// what was drawn, and whether it is approximate. Nothing is recognised again: who an exchange was,
// and which conditions on its content held, is taken from the record, which has no bodies. A record
// that lacks a step is compared up to there.
Replayed Replay(const Recorded& recorded);

}  // namespace murphy::engine
