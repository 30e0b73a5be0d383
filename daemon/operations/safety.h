// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/operations/run_book.h"
#include "daemon/operations/world.h"
#include "murphy/v1/safety_service.pb.h"

namespace murphy::operations {

// What the daemon is, for its status.
struct Identity {
  std::string version;
  std::string gateway;
  std::string state_directory;
  std::function<uint32_t()> connections;
  std::function<uint64_t()> exchanges;
};

// The off switch, and the status.
//
// Threads: any.
class Safety {
 public:
  Safety(World& world, RunBook& run_book, Identity identity);
  ~Safety();

  // Halts again when the last word before this start was Halt.
  absl::Status Restore();
  absl::Status Halt(const v1::HaltRequest& request, v1::HaltResponse* response);
  absl::Status Resume(const v1::ResumeRequest& request, v1::ResumeResponse* response);
  absl::Status GetStatus(const v1::GetStatusRequest& request, v1::GetStatusResponse* response);

  // Where the control API listens, once it does.
  void Announce(std::vector<std::string> control);

 private:
  void JournalRuns();

  World& world_;
  RunBook& run_book_;
  const Identity identity_;
  // Halt and Resume, one at a time.
  std::mutex switch_mutex_;
  std::mutex mutex_;
  v1::HaltState halt_;
  std::vector<std::string> control_;
  std::atomic<uint64_t> delivered_{0};
  uint64_t subscription_ = 0;
};

}  // namespace murphy::operations
