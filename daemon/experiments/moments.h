// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace murphy::experiments {

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Timestamp Now();
google::protobuf::Duration ToProto(absl::Duration duration);
absl::Time FromProto(const google::protobuf::Timestamp& time);
absl::Duration FromProto(const google::protobuf::Duration& duration);

// Of the monotonic clock, for waits that no change of the wall clock may move.
absl::Duration Uptime();

}  // namespace murphy::experiments
