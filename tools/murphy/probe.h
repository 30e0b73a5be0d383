// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "murphy/v1/scenario.pb.h"
#include "tools/murphy/daemon.h"
#include "tools/murphy/environment.h"

namespace murphy::cli {

// Asks a probe once. Whatever goes wrong is the result's `failure`.
v1::ProbeResult Ask(const v1::Probe& probe, v1::ProbeMoment moment, const Environment& environment,
                    const std::function<bool()>& cancelled);

bool Asks(const v1::Probe& probe, v1::ProbeMoment moment);

// The probes of one run, and what they have found.
//
// Threads: those that it makes, and one that calls it.
class Probes {
 public:
  // `environment`: what programs that ask get. `failed` is told what goes wrong, by any thread.
  Probes(const v1::Scenario& scenario, Environment environment, std::function<bool()> cancelled,
         std::function<void(const std::string&)> failed);
  ~Probes();
  Probes(const Probes&) = delete;
  Probes& operator=(const Probes&) = delete;

  // Some of them are asked at that moment.
  bool Any(v1::ProbeMoment moment) const;
  // Asks those of before or after the run, one after the other.
  void AskAll(v1::ProbeMoment moment);
  // From now on until Stop: those of during the run, and of each fault as it is delivered.
  void Watch(const Daemon& daemon, const std::string& run);
  void Stop();

  // In the order of time.
  std::vector<v1::ProbeResult> Results();

 private:
  void Put(v1::ProbeResult result);
  void AskAgain(const v1::Probe& probe);
  void AskOnFaults();
  size_t CountOf(const std::string& probe, v1::ProbeMoment moment);

  const v1::Scenario& scenario_;
  const Environment environment_;
  const std::function<bool()> cancelled_;
  const std::function<void(const std::string&)> failed_;

  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stopped_ = false;
  std::vector<v1::ProbeResult> results_;
  size_t bytes_ = 0;
  std::vector<std::thread> threads_;
  std::unique_ptr<grpc::ClientContext> context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
};

}  // namespace murphy::cli
