// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include "absl/status/status.h"
#include "daemon/experiments/request_ids.h"
#include "daemon/experiments/world.h"
#include "murphy/v1/fault_service.pb.h"

namespace murphy::experiments {

// One-off faults, and the catalogue.
//
// Threads: any.
class ArmedFaults {
 public:
  explicit ArmedFaults(World& world) : world_(world) {}

  absl::Status Arm(const v1::ArmFaultRequest& request, v1::ArmFaultResponse* response);
  absl::Status Disarm(const v1::DisarmFaultRequest& request, v1::DisarmFaultResponse* response);
  absl::Status List(const v1::ListFaultsRequest& request, v1::ListFaultsResponse* response);
  absl::Status Describe(const v1::DescribeFaultsRequest& request,
                        v1::DescribeFaultsResponse* response);

  // Some fault is armed.
  bool any() const;
  // Disarms those whose time is up. To be called several times a second.
  void Tick();

 private:
  World& world_;
  std::mutex mutex_;
  RequestIds<v1::ArmFaultResponse> armed_{world_.journal, "arm_fault", Answered::Recorded::kRequests};
};

}  // namespace murphy::experiments
