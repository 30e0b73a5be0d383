// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/experiments/world.h"
#include "daemon/safety/off_switch.h"
#include "daemon/schedules/schedules.h"
#include "murphy/v1/safety_service.pb.h"

namespace murphy::safety {

// What the daemon is, for its status.
struct Identity {
  std::string version;
  std::string gateway;
  std::string state_directory;
  std::function<uint32_t()> connections;
  std::function<uint64_t()> exchanges;
};

// What the daemon is doing.
//
// Threads: any.
class StatusReport {
 public:
  StatusReport(experiments::World& world, const OffSwitch& off_switch,
               const schedules::Schedules& schedules, Identity identity);
  ~StatusReport();

  // Where the control API listens, once it does.
  void Announce(std::vector<std::string> control);
  absl::Status Get(const v1::GetStatusRequest& request, v1::GetStatusResponse* response);

 private:
  experiments::World& world_;
  const OffSwitch& off_switch_;
  const schedules::Schedules& schedules_;
  const Identity identity_;
  std::mutex mutex_;
  std::vector<std::string> control_;
  std::atomic<uint64_t> delivered_{0};
  uint64_t subscription_ = 0;
};

}  // namespace murphy::safety
