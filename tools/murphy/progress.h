// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <thread>

#include "grpcpp/grpcpp.h"
#include "tools/murphy/console.h"
#include "tools/murphy/daemon.h"
#include "tools/murphy/report/report.h"

namespace murphy::cli {

// Says on the console's error stream how an experiment is getting on: where the gateway is, each
// fault as it is delivered, each run as it ends. Silent when the console is quiet.
class Progress {
 public:
  Progress(const Console& console, uint32_t runs) : console_(console), runs_(runs) {}

  // `number` counts from 1; 0 is the run before any fault.
  void Begin(const v1::StartRunResponse& started, uint32_t number);
  void End(const RunRecord& record, uint32_t number);
  void Note(const std::string& sentence);

 private:
  const Console& console_;
  uint32_t runs_;
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
