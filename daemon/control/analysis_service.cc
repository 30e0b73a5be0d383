// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "daemon/control/services.h"
#include "murphy/v1/analysis_service.grpc.pb.h"

namespace murphy::control {
namespace {

class AnalysisService final : public v1::AnalysisService::CallbackService {
 public:
  AnalysisService(Calls& calls, experiments::Analyses& analyses)
      : calls_(calls), analyses_(analyses) {}

  grpc::ServerUnaryReactor* GetStatistics(grpc::CallbackServerContext* context,
                                          const v1::GetStatisticsRequest* request,
                                          v1::GetStatisticsResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&experiments::Analyses::GetStatistics, &analyses_));
  }
  grpc::ServerUnaryReactor* CompareExperiments(
      grpc::CallbackServerContext* context, const v1::CompareExperimentsRequest* request,
      v1::CompareExperimentsResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&experiments::Analyses::Compare, &analyses_));
  }

 private:
  Calls& calls_;
  experiments::Analyses& analyses_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAnalysisService(Calls& calls, experiments::Analyses& analyses) {
  return std::make_unique<AnalysisService>(calls, analyses);
}

}  // namespace murphy::control
