// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "grpcpp/grpcpp.h"
#include "tools/murphy/console.h"
#include "tools/murphy/daemon.h"
#include "tools/murphy/report/report.h"

namespace murphy::cli {

// Says on the console's error stream how an experiment is getting on: of one run where the gateway
// is and each fault as it is delivered; of many a line that is redrawn on a terminal, or a line for
// each run that ends. Silent when the console is quiet.
//
// Threads: any.
class Progress {
 public:
  Progress(const Console& console, uint32_t runs) : console_(console), runs_(runs) {}

  // The only run begins.
  void Begin(const v1::StartRunResponse& started);
  // Many begin; so many had ended before.
  void Start(uint32_t done);
  void End(const RunRecord& record, const std::optional<v1::Conclusion>& so_far);
  void Note(const std::string& sentence);
  // Removes the line that is redrawn.
  void Clear();
  // It shows a line with what the runs come to so far.
  bool redraws() const { return console_.live && !console_.quiet && runs_ > 1; }

 private:
  using Clock = std::chrono::steady_clock;

  std::string Line(const std::optional<v1::Conclusion>& so_far) const;
  void Write(const std::string& text);

  const Console& console_;
  const uint32_t runs_;
  std::mutex mutex_;
  uint32_t done_ = 0;
  uint32_t done_before_ = 0;
  Clock::time_point begun_;
  std::string line_;
};

// Prints the faults of one run as the journal commits them, from a thread of its own.
class LiveInjections {
 public:
  LiveInjections(const Daemon& daemon, const std::string& run, Progress& progress);
  ~LiveInjections();
  LiveInjections(const LiveInjections&) = delete;
  LiveInjections& operator=(const LiveInjections&) = delete;

 private:
  void Read(Progress& progress);

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
  std::thread thread_;
};

}  // namespace murphy::cli
