// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include "absl/status/status.h"
#include "daemon/experiments/run_book.h"
#include "daemon/experiments/world.h"
#include "murphy/v1/safety_service.pb.h"

namespace murphy::safety {

// Stops all injections at once, and lets them go on. A halt outlives a restart.
//
// Threads: any.
class OffSwitch {
 public:
  OffSwitch(experiments::World& world, experiments::RunBook& run_book)
      : world_(world), run_book_(run_book) {}

  // Halts again when the last word before this start was Halt.
  absl::Status Restore();
  absl::Status Halt(const v1::HaltRequest& request, v1::HaltResponse* response);
  absl::Status Resume(const v1::ResumeRequest& request, v1::ResumeResponse* response);
  v1::HaltState state() const;

 private:
  void JournalRuns();

  experiments::World& world_;
  experiments::RunBook& run_book_;
  // Halt and Resume, one at a time.
  std::mutex switch_mutex_;
  mutable std::mutex mutex_;
  v1::HaltState state_;
};

}  // namespace murphy::safety
