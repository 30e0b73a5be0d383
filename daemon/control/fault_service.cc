// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "daemon/control/services.h"
#include "murphy/v1/fault_service.grpc.pb.h"

namespace murphy::control {
namespace {

class FaultService final : public v1::FaultService::CallbackService {
 public:
  FaultService(Calls& calls, experiments::ArmedFaults& faults) : calls_(calls), faults_(faults) {}

  grpc::ServerUnaryReactor* ArmFault(grpc::CallbackServerContext* context,
                                     const v1::ArmFaultRequest* request,
                                     v1::ArmFaultResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&experiments::ArmedFaults::Arm, &faults_));
  }
  grpc::ServerUnaryReactor* DisarmFault(grpc::CallbackServerContext* context,
                                        const v1::DisarmFaultRequest* request,
                                        v1::DisarmFaultResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&experiments::ArmedFaults::Disarm, &faults_));
  }
  grpc::ServerUnaryReactor* ListFaults(grpc::CallbackServerContext* context,
                                       const v1::ListFaultsRequest* request,
                                       v1::ListFaultsResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&experiments::ArmedFaults::List, &faults_));
  }
  grpc::ServerUnaryReactor* DescribeFaults(grpc::CallbackServerContext* context,
                                           const v1::DescribeFaultsRequest* request,
                                           v1::DescribeFaultsResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&experiments::ArmedFaults::Describe, &faults_));
  }

 private:
  Calls& calls_;
  experiments::ArmedFaults& faults_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeFaultService(Calls& calls, experiments::ArmedFaults& faults) {
  return std::make_unique<FaultService>(calls, faults);
}

}  // namespace murphy::control
