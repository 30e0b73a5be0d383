// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "daemon/control/services.h"
#include "murphy/v1/schedule_service.grpc.pb.h"

namespace murphy::control {
namespace {

class ScheduleService final : public v1::ScheduleService::CallbackService {
 public:
  ScheduleService(Calls& calls, schedules::Schedules& schedules)
      : calls_(calls), schedules_(schedules) {}

  grpc::ServerUnaryReactor* CreateSchedule(grpc::CallbackServerContext* context,
                                           const v1::CreateScheduleRequest* request,
                                           v1::CreateScheduleResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&schedules::Schedules::Create, &schedules_));
  }
  grpc::ServerUnaryReactor* UpdateSchedule(grpc::CallbackServerContext* context,
                                           const v1::UpdateScheduleRequest* request,
                                           v1::UpdateScheduleResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&schedules::Schedules::Update, &schedules_));
  }
  grpc::ServerUnaryReactor* GetSchedule(grpc::CallbackServerContext* context,
                                        const v1::GetScheduleRequest* request,
                                        v1::GetScheduleResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&schedules::Schedules::Get, &schedules_));
  }
  grpc::ServerUnaryReactor* ListSchedules(grpc::CallbackServerContext* context,
                                          const v1::ListSchedulesRequest* request,
                                          v1::ListSchedulesResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&schedules::Schedules::List, &schedules_));
  }
  grpc::ServerUnaryReactor* PauseSchedule(grpc::CallbackServerContext* context,
                                          const v1::PauseScheduleRequest* request,
                                          v1::PauseScheduleResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&schedules::Schedules::Pause, &schedules_));
  }
  grpc::ServerUnaryReactor* ResumeSchedule(grpc::CallbackServerContext* context,
                                           const v1::ResumeScheduleRequest* request,
                                           v1::ResumeScheduleResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&schedules::Schedules::Resume, &schedules_));
  }
  grpc::ServerUnaryReactor* DeleteSchedule(grpc::CallbackServerContext* context,
                                           const v1::DeleteScheduleRequest* request,
                                           v1::DeleteScheduleResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&schedules::Schedules::Delete, &schedules_));
  }
  grpc::ServerUnaryReactor* RunScheduleNow(grpc::CallbackServerContext* context,
                                           const v1::RunScheduleNowRequest* request,
                                           v1::RunScheduleNowResponse* response) override {
    return calls_.Change(context, request, response,
                         std::bind_front(&schedules::Schedules::RunNow, &schedules_));
  }
  grpc::ServerUnaryReactor* ListScheduleStarts(grpc::CallbackServerContext* context,
                                               const v1::ListScheduleStartsRequest* request,
                                               v1::ListScheduleStartsResponse* response) override {
    return calls_.Answer(context, request, response,
                         std::bind_front(&schedules::Schedules::ListStarts, &schedules_));
  }

 private:
  Calls& calls_;
  schedules::Schedules& schedules_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeScheduleService(Calls& calls, schedules::Schedules& schedules) {
  return std::make_unique<ScheduleService>(calls, schedules);
}

}  // namespace murphy::control
