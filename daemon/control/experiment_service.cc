// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "daemon/control/services.h"
#include "murphy/v1/experiment_service.grpc.pb.h"

namespace murphy::control {
namespace {

class ExperimentService final : public v1::ExperimentService::CallbackService {
 public:
  ExperimentService(Calls& calls, experiments::Experiments& book, experiments::RunBook& runs)
      : calls_(calls), book_(book), runs_(runs) {}

  grpc::ServerUnaryReactor* CreateExperiment(grpc::CallbackServerContext* context,
                                             const v1::CreateExperimentRequest* request,
                                             v1::CreateExperimentResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&experiments::Experiments::Create, &book_));
  }
  grpc::ServerUnaryReactor* GetExperiment(grpc::CallbackServerContext* context,
                                          const v1::GetExperimentRequest* request,
                                          v1::GetExperimentResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&experiments::Experiments::Get, &book_));
  }
  grpc::ServerUnaryReactor* ListExperiments(grpc::CallbackServerContext* context,
                                            const v1::ListExperimentsRequest* request,
                                            v1::ListExperimentsResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&experiments::Experiments::List, &book_));
  }
  grpc::ServerUnaryReactor* FinishExperiment(grpc::CallbackServerContext* context,
                                             const v1::FinishExperimentRequest* request,
                                             v1::FinishExperimentResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&experiments::RunBook::FinishExperiment, &runs_));
  }

  grpc::ServerUnaryReactor* ResumeExperiment(grpc::CallbackServerContext* context,
                                             const v1::ResumeExperimentRequest* request,
                                             v1::ResumeExperimentResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&experiments::RunBook::ResumeExperiment, &runs_));
  }

  grpc::ServerUnaryReactor* ReadScenario(grpc::CallbackServerContext* context,
                                         const v1::ReadScenarioRequest* request,
                                         v1::ReadScenarioResponse* response) override {
    return calls_.Echo(context, request, response,
                       std::bind_front(&experiments::Experiments::Read, &book_));
  }

  grpc::ServerUnaryReactor* RehearseScenario(grpc::CallbackServerContext* context,
                                             const v1::RehearseScenarioRequest* request,
                                             v1::RehearseScenarioResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&experiments::Experiments::Rehearse, &book_));
  }

  grpc::ServerUnaryReactor* DescribeExpectations(
      grpc::CallbackServerContext* context, const v1::DescribeExpectationsRequest* request,
      v1::DescribeExpectationsResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&experiments::Experiments::Describe, &book_));
  }

 private:
  Calls& calls_;
  experiments::Experiments& book_;
  experiments::RunBook& runs_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeExperimentService(Calls& calls, experiments::Experiments& book,
                                                     experiments::RunBook& runs) {
  return std::make_unique<ExperimentService>(calls, book, runs);
}

}  // namespace murphy::control
