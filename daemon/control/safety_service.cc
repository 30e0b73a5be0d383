// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "daemon/control/services.h"
#include "murphy/v1/safety_service.grpc.pb.h"

namespace murphy::control {
namespace {

class SafetyService final : public v1::SafetyService::CallbackService {
 public:
  SafetyService(Calls& calls, safety::OffSwitch& off_switch, safety::StatusReport& status)
      : calls_(calls), off_switch_(off_switch), status_(status) {}

  grpc::ServerUnaryReactor* Halt(grpc::CallbackServerContext* context,
                                 const v1::HaltRequest* request,
                                 v1::HaltResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&safety::OffSwitch::Halt, &off_switch_), Lane::kOffSwitch,
                         /*always=*/true);
  }
  grpc::ServerUnaryReactor* Resume(grpc::CallbackServerContext* context,
                                   const v1::ResumeRequest* request,
                                   v1::ResumeResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&safety::OffSwitch::Resume, &off_switch_),
                         Lane::kOffSwitch);
  }
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&safety::StatusReport::Get, &status_), Lane::kStatus);
  }

 private:
  Calls& calls_;
  safety::OffSwitch& off_switch_;
  safety::StatusReport& status_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeSafetyService(Calls& calls, safety::OffSwitch& off_switch,
                                                 safety::StatusReport& status) {
  return std::make_unique<SafetyService>(calls, off_switch, status);
}

}  // namespace murphy::control
