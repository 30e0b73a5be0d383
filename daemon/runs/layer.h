// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daemon/runs/run.h"

namespace murphy::runs {

// What a guest has of its own besides its engine.
struct GuestRecords {
  // An exchange as the guest's plan sees it, and its own number of it.
  struct Meeting {
    uint64_t sequence = 0;
    uint64_t operation = 0;
    uint32_t attempt = 1;
    v1::AttemptLayer layer = v1::ATTEMPT_LAYER_UNSPECIFIED;
    std::string address;
    std::vector<std::string> targets;
    bool repeat = false;
    std::string fallback_of;
    std::string revision_of;
    uint32_t revision = 0;
    // The host's numbers of its injections.
    std::vector<uint64_t> injections;
    // The agent got a fault of the guest's; of the host's.
    bool delivered = false;
    bool host_delivered = false;
  };
  struct Place {
    uint64_t injection = 0;
    uint64_t exchange = 0;
    std::string address;
  };

  void Meet(uint64_t sequence, const engine::Begun& own) {
    met[sequence] = {own.sequence,    own.operation, own.attempt, own.layer,
                     own.address,     own.targets,   own.repeat,  own.fallback_of,
                     own.revision_of, own.revision,  {}};
  }

  // The exchange is over.
  void Part(uint64_t sequence) {
    const auto meeting = met.find(sequence);
    if (meeting == met.end()) return;
    for (const uint64_t injection : meeting->second.injections) places.erase(injection);
    met.erase(meeting);
  }

  std::string id;
  // By the host's number of the exchange, while it is open.
  std::unordered_map<uint64_t, Meeting> met;
  // By the host's number of the injection, while its exchange is open.
  std::unordered_map<uint64_t, Place> places;
  uint64_t injections = 0;
  std::string stopped;
  std::string lost;
  // What StopGuest found: the end of the experiment is not what kept a rule from firing.
  std::vector<v1::Injection> unreached;
};

// A plan with its engine: the scenario, one armed fault, or a guest.
struct Run::Layer {
  Layer(std::shared_ptr<const scenario::Plan> plan, uint32_t index, absl::Duration armed_at,
        v1::Arm arm)
      : machine(std::move(plan), index, armed_at, arm) {}

  bool is_fault() const { return !scenario && guest == nullptr; }
  // Takes no more decisions. The first reason stays with a guest.
  void Stop(const std::string& reason) {
    if (guest != nullptr && guest->stopped.empty()) guest->stopped = reason;
    machine.Disarm(reason);
  }

  // Puts what the engine was told about an exchange beside its record.
  void KeepInput(uint64_t sequence, v1::Exchange& exchange) const {
    const auto found = known.find(sequence);
    if (found == known.end() || !found->second.input.has_value()) return;
    *exchange.mutable_input() = *found->second.input;
  }

  engine::Machine machine;
  const std::shared_ptr<engine::Leash> leash = std::make_shared<engine::Leash>();
  ArmedFault armed;
  bool scenario = false;
  std::unique_ptr<GuestRecords> guest;
  bool gone = false;
  // An exchange that is open.
  struct Known {
    // Layer's own number of it.
    uint64_t sequence = 0;
    // What the engine was told, once it is concluded.
    std::optional<v1::ExchangeInput> input;
  };
  // By the run's number.
  std::unordered_map<uint64_t, Known> known;
  // Run under which a replay finds what its engine was told; empty: it is not kept.
  std::string record;
};

}  // namespace murphy::runs
