// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "murphy/v1/experiment_service.grpc.pb.h"
#include "murphy/v1/fault_service.grpc.pb.h"
#include "murphy/v1/journal_service.grpc.pb.h"
#include "murphy/v1/run_service.grpc.pb.h"
#include "murphy/v1/safety_service.grpc.pb.h"

namespace murphy::test {

// What the fake answers, set before the call, and what it was asked, read after it.
struct Script {
  grpc::Status create_status;
  v1::CreateExperimentResponse created;
  // Of files that want to be read; after these, `read`.
  std::vector<v1::ReadScenarioResponse> wanting;
  v1::ReadScenarioResponse read;
  v1::RehearseScenarioResponse rehearsed;
  // Outcome and injections of the runs, in order; the last one repeats.
  std::vector<v1::FinishRunResponse> finished;
  v1::Conclusion conclusion;
  v1::DescribeFaultsResponse catalogue;
  grpc::Status describe_status;
  std::vector<v1::ArmedFault> armed;
  std::vector<v1::Exchange> exchanges;
  // Revisions, on every page.
  std::vector<uint64_t> damaged;
  std::vector<v1::Injection> injections;
  std::vector<v1::Event> events;
  v1::GetStatusResponse status;
};

struct Asked {
  std::vector<v1::CreateExperimentRequest> creates;
  std::vector<v1::CreateExperimentRequest> validations;
  std::vector<v1::ReadScenarioRequest> reads;
  std::vector<v1::RehearseScenarioRequest> rehearsals;
  std::vector<v1::StartRunRequest> starts;
  // Runs that were closed.
  std::vector<std::string> closes;
  std::vector<v1::ReportOutcomeRequest> reports;
  std::vector<v1::FinishRunRequest> finishes;
  std::vector<v1::ArmFaultRequest> arms;
  std::vector<v1::DisarmFaultRequest> disarms;
  std::vector<v1::HaltRequest> halts;
  std::vector<v1::ResumeRequest> resumes;
  std::vector<v1::DescribeFaultsRequest> describes;
  // Runs for which a lease was opened.
  std::vector<std::string> leases;
  int experiments_finished = 0;
  int experiments_interrupted = 0;
  std::vector<std::string> authorizations;
};

class FakeServices;

// A control API on a Unix socket in a directory of its own, and on a TCP port, with scripted
// answers.
class FakeDaemon {
 public:
  FakeDaemon();
  ~FakeDaemon();

  std::string unix_address() const { return "unix:" + socket().string(); }
  std::string tcp_address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::filesystem::path socket() const { return directory_ / "control.sock"; }
  const std::filesystem::path& directory() const { return directory_; }
  // An `endpoints.json` for this fake.
  std::string EndpointsJson(int pid) const;

  Script script;
  // A copy of what has been asked so far.
  Asked asked() const;

 private:
  std::filesystem::path directory_;
  int port_ = 0;
  std::unique_ptr<FakeServices> services_;
  std::unique_ptr<grpc::Server> server_;
};

// What murphy printed and returned.
struct Invoked {
  int code = -1;
  std::string out;
  std::string errors;
};

// Runs the program in this process. `environment` is added to PATH and HOME.
Invoked Murphy(const std::vector<std::string>& arguments,
               const std::map<std::string, std::string>& environment = {});

// Rich details as the daemon sends them: google.rpc.Status with a BadRequest.
grpc::Status BadRequest(const std::vector<std::pair<std::string, std::string>>& violations);

}  // namespace murphy::test
