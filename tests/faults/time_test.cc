// SPDX-License-Identifier: Apache-2.0
#include "proto/time.h"

#include <gtest/gtest.h>

namespace murphy {
namespace {

TEST(ProtoTime, ComesBackAsItWent) {
  for (const absl::Duration duration :
       {absl::ZeroDuration(), absl::Nanoseconds(1), absl::Milliseconds(-1500), absl::Hours(1e6)})
    EXPECT_EQ(FromProto(ToProto(duration)), duration);
  for (const absl::Time time : {absl::UnixEpoch(), absl::FromUnixNanos(-1), absl::FromUnixNanos(1),
                                absl::FromUnixSeconds(253402300799)})
    EXPECT_EQ(FromProto(ToProto(time)), time);
}

// google.protobuf.Timestamp: nanos count forward; google.protobuf.Duration: both have one sign.
TEST(ProtoTime, HasNanosecondsOfTheSignThatItsKindWants) {
  EXPECT_EQ(ToProto(absl::FromUnixMillis(-500)).seconds(), -1);
  EXPECT_EQ(ToProto(absl::FromUnixMillis(-500)).nanos(), 500'000'000);
  EXPECT_EQ(ToProto(absl::Milliseconds(-1500)).seconds(), -1);
  EXPECT_EQ(ToProto(absl::Milliseconds(-1500)).nanos(), -500'000'000);
}

}  // namespace
}  // namespace murphy
