// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "grpcpp/grpcpp.h"
#include "murphy/v1/run_service.pb.h"
#include "tools/murphy/daemon.h"
#include "tools/murphy/duration.h"

namespace murphy::cli {

// Keeps the faults of a run armed while it lives, by heartbeats from a thread of this process: when
// the process dies, they end. The first heartbeat has been written when the constructor returns.
class Lease {
 public:
  Lease(const Daemon& daemon, const std::string& run, Milliseconds lease);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  // The daemon has ended the lease by itself.
  bool broken() const;

 private:
  void Beat(Milliseconds interval);

  grpc::ClientContext context_;
  v1::HoldLeaseResponse response_;
  std::unique_ptr<grpc::ClientWriter<v1::HoldLeaseRequest>> writer_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  bool broken_ = false;
  std::thread thread_;
};

}  // namespace murphy::cli
