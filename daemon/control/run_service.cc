// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <string>

#include "daemon/control/services.h"
#include "murphy/v1/run_service.grpc.pb.h"

namespace murphy::control {
namespace {

// A lease: opened by the first message, renewed by each, closed with the stream, however it ends.
class LeaseStream final : public grpc::ServerReadReactor<v1::HoldLeaseRequest> {
 public:
  LeaseStream(experiments::RunBook& runs, const grpc::Status& admitted) : runs_(runs) {
    if (admitted.ok()) {
      StartRead(&message_);
    } else {
      Finish(admitted);
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Close();
      Finish(grpc::Status::OK);
      return;
    }
    if (run_.empty()) {
      if (const absl::Status opened = runs_.OpenLease(message_.run()); !opened.ok()) {
        Finish(ToGrpc(opened));
        return;
      }
      run_ = message_.run();
    } else {
      runs_.RenewLease(run_);
    }
    StartRead(&message_);
  }

  void OnDone() override { delete this; }

 private:
  void Close() {
    if (!run_.empty()) runs_.CloseLease(run_);
  }

  experiments::RunBook& runs_;
  v1::HoldLeaseRequest message_;
  // Empty until the lease is open.
  std::string run_;
};

class RunService final : public v1::RunService::CallbackService {
 public:
  RunService(Calls& calls, experiments::RunBook& runs) : calls_(calls), runs_(runs) {}

  grpc::ServerUnaryReactor* StartRun(grpc::CallbackServerContext* context,
                                     const v1::StartRunRequest* request,
                                     v1::StartRunResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&experiments::RunBook::Start, &runs_));
  }
  grpc::ServerUnaryReactor* CloseRun(grpc::CallbackServerContext* context,
                                     const v1::CloseRunRequest* request,
                                     v1::CloseRunResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&experiments::RunBook::CloseRun, &runs_));
  }
  grpc::ServerUnaryReactor* ReportOutcome(grpc::CallbackServerContext* context,
                                          const v1::ReportOutcomeRequest* request,
                                          v1::ReportOutcomeResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&experiments::RunBook::Report, &runs_));
  }
  grpc::ServerUnaryReactor* FinishRun(grpc::CallbackServerContext* context,
                                      const v1::FinishRunRequest* request,
                                      v1::FinishRunResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&experiments::RunBook::Finish, &runs_));
  }
  grpc::ServerUnaryReactor* GetRun(grpc::CallbackServerContext* context,
                                   const v1::GetRunRequest* request,
                                   v1::GetRunResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&experiments::RunBook::Get, &runs_));
  }
  grpc::ServerUnaryReactor* ListRuns(grpc::CallbackServerContext* context,
                                     const v1::ListRunsRequest* request,
                                     v1::ListRunsResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&experiments::RunBook::List, &runs_));
  }
  grpc::ServerReadReactor<v1::HoldLeaseRequest>* HoldLease(grpc::CallbackServerContext* context,
                                                           v1::HoldLeaseResponse*) override {
    return new LeaseStream(runs_, calls_.Admit(*context));
  }

 private:
  Calls& calls_;
  experiments::RunBook& runs_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeRunService(Calls& calls, experiments::RunBook& runs) {
  return std::make_unique<RunService>(calls, runs);
}

}  // namespace murphy::control
