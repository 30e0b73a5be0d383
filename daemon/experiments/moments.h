// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace murphy::experiments {

google::protobuf::Timestamp Now();

// Of the monotonic clock, for waits that no change of the wall clock may move.
absl::Duration Uptime();

}  // namespace murphy::experiments
