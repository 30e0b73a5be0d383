// SPDX-License-Identifier: Apache-2.0
#include "daemon/operations/operations.h"

namespace murphy::operations {

absl::Status DaemonOperations::CreateSchedule(const v1::CreateScheduleRequest& request,
                                              v1::CreateScheduleResponse* response) {
  return schedules_.Create(request, response);
}

absl::Status DaemonOperations::UpdateSchedule(const v1::UpdateScheduleRequest& request,
                                              v1::UpdateScheduleResponse* response) {
  return schedules_.Update(request, response);
}

absl::Status DaemonOperations::GetSchedule(const v1::GetScheduleRequest& request,
                                           v1::GetScheduleResponse* response) {
  return schedules_.Get(request, response);
}

absl::Status DaemonOperations::ListSchedules(const v1::ListSchedulesRequest& request,
                                             v1::ListSchedulesResponse* response) {
  return schedules_.List(request, response);
}

absl::Status DaemonOperations::PauseSchedule(const v1::PauseScheduleRequest& request,
                                             v1::PauseScheduleResponse* response) {
  return schedules_.Pause(request, response);
}

absl::Status DaemonOperations::ResumeSchedule(const v1::ResumeScheduleRequest& request,
                                              v1::ResumeScheduleResponse* response) {
  return schedules_.Resume(request, response);
}

absl::Status DaemonOperations::DeleteSchedule(const v1::DeleteScheduleRequest& request,
                                              v1::DeleteScheduleResponse* response) {
  return schedules_.Delete(request, response);
}

absl::Status DaemonOperations::RunScheduleNow(const v1::RunScheduleNowRequest& request,
                                              v1::RunScheduleNowResponse* response) {
  return schedules_.RunNow(request, response);
}

absl::Status DaemonOperations::ListScheduleStarts(const v1::ListScheduleStartsRequest& request,
                                                  v1::ListScheduleStartsResponse* response) {
  return schedules_.ListStarts(request, response);
}

}  // namespace murphy::operations
