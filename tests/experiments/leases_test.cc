// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/leases.h"

#include <gtest/gtest.h>

namespace murphy::experiments {
namespace {

using Names = std::vector<std::string>;

absl::Duration At(double seconds) { return absl::Seconds(seconds); }

TEST(Leases, LapseUnlessTheyAreRenewed) {
  Leases leases;
  leases.Add("a", At(5), true, At(0));
  EXPECT_EQ(leases.Open("a", At(4)), Leases::Opening::kOpen);
  EXPECT_EQ(leases.TakeLapsed(At(8.9)), Names{});
  leases.Renew("a", At(8.9));
  EXPECT_EQ(leases.TakeLapsed(At(13.8)), Names{});
  EXPECT_TRUE(leases.any_held());
  EXPECT_EQ(leases.TakeLapsed(At(13.9)), Names{"a"});
  EXPECT_EQ(leases.TakeLapsed(At(20)), Names{});
  EXPECT_FALSE(leases.any_held());
}

TEST(Leases, LapseWhenTheyAreRequiredAndNeverOpened) {
  Leases leases;
  leases.Add("required", At(5), true, At(0));
  leases.Add("free", At(5), false, At(0));
  EXPECT_EQ(leases.TakeLapsed(At(100)), Names{"required"});
  leases.Open("free", At(100));
  EXPECT_EQ(leases.TakeLapsed(At(105)), Names{"free"});
}

TEST(Leases, StayOverOnceTheyAre) {
  Leases leases;
  leases.Add("a", At(5), true, At(0));
  leases.TakeLapsed(At(6));
  leases.Renew("a", At(6));
  EXPECT_EQ(leases.Open("a", At(6)), Leases::Opening::kOver);
  EXPECT_FALSE(leases.any_held());
}

TEST(Leases, EndWithTheLastStream) {
  Leases leases;
  leases.Add("a", At(5), true, At(0));
  leases.Open("a", At(1));
  leases.Open("a", At(1));
  EXPECT_FALSE(leases.Close("a", At(2)));
  EXPECT_TRUE(leases.any_held());
  EXPECT_TRUE(leases.Close("a", At(2)));
  EXPECT_FALSE(leases.Close("a", At(2)));
  EXPECT_FALSE(leases.any_held());
}

TEST(Leases, LeaveRunsAbandonedAfterTheGrace) {
  Leases leases;
  leases.Add("a", At(5), true, At(0));
  leases.Open("a", At(0));
  leases.Close("a", At(10));
  EXPECT_EQ(leases.TakeAbandoned(At(70)), Names{});
  EXPECT_EQ(leases.TakeAbandoned(At(70.1)), Names{"a"});
  EXPECT_EQ(leases.TakeAbandoned(At(100)), Names{});
  leases.Remove("a");
  EXPECT_EQ(leases.Open("a", At(100)), Leases::Opening::kUnknown);
}

}  // namespace
}  // namespace murphy::experiments
