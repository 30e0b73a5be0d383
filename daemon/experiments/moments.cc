// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/moments.h"

#include <ctime>

#include "absl/time/clock.h"
#include "proto/time.h"

namespace murphy::experiments {

google::protobuf::Timestamp Now() { return ToProto(absl::Now()); }

absl::Duration Uptime() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::DurationFromTimespec(now);
}

}  // namespace murphy::experiments
