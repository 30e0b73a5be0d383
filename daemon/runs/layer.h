// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "daemon/engine/decider.h"
#include "daemon/runs/run.h"

namespace murphy::runs {

// What a guest has of its own besides its decider.
struct GuestRecords {
  std::string id;
  uint64_t injections = 0;
  std::string stopped;
  std::string lost;
  // What StopGuest found: the end of the experiment is not what kept a rule from firing.
  std::vector<v1::Injection> unreached;
};

// An exchange as a guest's records have it.
struct Meeting {
  std::vector<std::string> targets;
  std::string fallback_of;
  // Its injections: the host's number, and the guest's own.
  std::vector<std::pair<uint64_t, uint64_t>> injections;
  // The agent got a fault of the guest's; of the host's.
  bool delivered = false;
  bool host_delivered = false;
};

// A plan at work on the run: the scenario, one armed fault, or a guest.
struct Run::Layer {
  Layer(std::shared_ptr<const scenario::Plan> the_plan, uint32_t index, absl::Duration armed_at,
        v1::Arm arm, uint32_t number)
      : plan(the_plan), viewer(number), decider(std::move(the_plan), index, armed_at, arm) {}

  bool is_fault() const { return !is_scenario && guest == nullptr; }
  // Takes no more decisions. The first reason stays with a guest.
  void Stop(const std::string& reason) {
    if (guest != nullptr && guest->stopped.empty()) guest->stopped = reason;
    decider.Disarm(reason);
  }

  const std::shared_ptr<const scenario::Plan> plan;
  // By which the recogniser tells it apart.
  const uint32_t viewer;
  engine::Decider decider;
  const std::shared_ptr<engine::Leash> leash = std::make_shared<engine::Leash>();
  ArmedFault armed;
  // When an armed fault's time is up, since the run began.
  absl::Duration expires = absl::InfiniteDuration();
  bool is_scenario = false;
  std::unique_ptr<GuestRecords> guest;
  // It is no longer one of the run's; exchanges that it saw begin may still be open.
  bool gone = false;
  size_t open = 0;
  // Run under which a replay finds what its decider was told; empty: it is not kept.
  std::string record;
};

// Between Begin and End.
struct Run::Open {
  // What one layer has of it.
  struct Part {
    // The layer's own number of it.
    uint64_t sequence = 0;
    // What the decider was told, once it is concluded.
    std::optional<v1::ExchangeInput> input;
    // Of a guest.
    std::unique_ptr<Meeting> meeting;
  };

  // As they were when it began: decisions point into their plans. Parts are in the same order.
  std::shared_ptr<const Layers> layers;
  absl::InlinedVector<Part, 1> parts;
  uint64_t operation = 0;
  // Several plans were asked, and a fault of one acts.
  bool faulted = false;
  bool concluded = false;
};

}  // namespace murphy::runs
