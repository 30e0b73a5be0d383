// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "grpcpp/grpcpp.h"
#include "murphy/v1/analysis_service.grpc.pb.h"
#include "murphy/v1/audit_service.grpc.pb.h"
#include "murphy/v1/experiment_service.grpc.pb.h"
#include "murphy/v1/fault_service.grpc.pb.h"
#include "murphy/v1/journal_service.grpc.pb.h"
#include "murphy/v1/run_service.grpc.pb.h"
#include "murphy/v1/safety_service.grpc.pb.h"
#include "murphy/v1/schedule_service.grpc.pb.h"
#include "tools/murphy/environment.h"

namespace murphy::cli {

// How to reach a control API.
struct Address {
  // `unix:PATH` or `HOST:PORT`.
  std::string target;
  // Sent over TCP only; empty for none.
  std::string token;
};

// A murphyd that answers. Cheap to move; calls may come from several threads.
class Daemon {
 public:
  explicit Daemon(Address address);

  // Throws Failure with what the daemon says, or with how to reach it.
  template <typename Stub, typename Request, typename Response>
  Response Call(const std::unique_ptr<Stub>& stub,
                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                const Request& request,
                std::chrono::seconds deadline = std::chrono::seconds(30)) const {
    grpc::ClientContext context;
    Authorize(context);
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    Response response;
    Check((stub.get()->*method)(&context, request, &response));
    return response;
  }

  // Adds credentials, and who calls, to a call that is made by hand.
  void Authorize(grpc::ClientContext& context) const;
  // Throws Failure unless `status` is ok.
  void Check(const grpc::Status& status) const;
  const std::string& target() const { return address_.target; }

  std::unique_ptr<v1::ExperimentService::Stub> experiments;
  std::unique_ptr<v1::RunService::Stub> runs;
  std::unique_ptr<v1::FaultService::Stub> faults;
  std::unique_ptr<v1::JournalService::Stub> journal;
  std::unique_ptr<v1::SafetyService::Stub> safety;
  std::unique_ptr<v1::ScheduleService::Stub> schedules;
  std::unique_ptr<v1::AuditService::Stub> audit;
  std::unique_ptr<v1::AnalysisService::Stub> analyses;

 private:
  Address address_;
};

// Where to look for a daemon; empty: not given on the command line.
struct DaemonOptions {
  std::string address;
  std::string token_file;
  std::string state_directory;
  std::string approval_file;
};

// The approver's token that is handed in; empty for none. Throws Failure (kUsage) when its file
// cannot be read.
std::string ApprovalToken(const DaemonOptions& options, const Environment& environment);

// The daemon that is named, or that runs on the state directory. Throws Failure (kUnreachable) when
// none answers.
Daemon FindDaemon(const DaemonOptions& options, const Environment& environment);

// The same, but starts a daemon of its own when none is named and none runs. It leaves by itself
// after its last lease.
Daemon FindOrSpawnDaemon(const DaemonOptions& options, const Environment& environment);

// An id for `request_id` fields.
std::string NewRequestId();

}  // namespace murphy::cli
