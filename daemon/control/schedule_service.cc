// SPDX-License-Identifier: Apache-2.0
#include "daemon/control/services.h"
#include "murphy/v1/schedule_service.grpc.pb.h"

namespace murphy::control {
namespace {

class ScheduleService final : public v1::ScheduleService::CallbackService {
 public:
  explicit ScheduleService(Calls& calls) : calls_(calls) {}

  grpc::ServerUnaryReactor* CreateSchedule(grpc::CallbackServerContext* context,
                                           const v1::CreateScheduleRequest* request,
                                           v1::CreateScheduleResponse* response) override {
    return calls_.Change(context, request, response, &Operations::CreateSchedule);
  }
  grpc::ServerUnaryReactor* UpdateSchedule(grpc::CallbackServerContext* context,
                                           const v1::UpdateScheduleRequest* request,
                                           v1::UpdateScheduleResponse* response) override {
    return calls_.Change(context, request, response, &Operations::UpdateSchedule);
  }
  grpc::ServerUnaryReactor* GetSchedule(grpc::CallbackServerContext* context,
                                        const v1::GetScheduleRequest* request,
                                        v1::GetScheduleResponse* response) override {
    return calls_.Answer(context, request, response, &Operations::GetSchedule);
  }
  grpc::ServerUnaryReactor* ListSchedules(grpc::CallbackServerContext* context,
                                          const v1::ListSchedulesRequest* request,
                                          v1::ListSchedulesResponse* response) override {
    return calls_.Answer(context, request, response, &Operations::ListSchedules);
  }
  grpc::ServerUnaryReactor* PauseSchedule(grpc::CallbackServerContext* context,
                                          const v1::PauseScheduleRequest* request,
                                          v1::PauseScheduleResponse* response) override {
    return calls_.Change(context, request, response, &Operations::PauseSchedule);
  }
  grpc::ServerUnaryReactor* ResumeSchedule(grpc::CallbackServerContext* context,
                                           const v1::ResumeScheduleRequest* request,
                                           v1::ResumeScheduleResponse* response) override {
    return calls_.Change(context, request, response, &Operations::ResumeSchedule);
  }
  grpc::ServerUnaryReactor* DeleteSchedule(grpc::CallbackServerContext* context,
                                           const v1::DeleteScheduleRequest* request,
                                           v1::DeleteScheduleResponse* response) override {
    return calls_.Change(context, request, response, &Operations::DeleteSchedule);
  }
  grpc::ServerUnaryReactor* RunScheduleNow(grpc::CallbackServerContext* context,
                                           const v1::RunScheduleNowRequest* request,
                                           v1::RunScheduleNowResponse* response) override {
    return calls_.Change(context, request, response, &Operations::RunScheduleNow);
  }
  grpc::ServerUnaryReactor* ListScheduleStarts(grpc::CallbackServerContext* context,
                                               const v1::ListScheduleStartsRequest* request,
                                               v1::ListScheduleStartsResponse* response) override {
    return calls_.Answer(context, request, response, &Operations::ListScheduleStarts);
  }

 private:
  Calls& calls_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeScheduleService(Calls& calls) {
  return std::make_unique<ScheduleService>(calls);
}

}  // namespace murphy::control
