// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/crew.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <stdexcept>
#include <vector>

namespace murphy::cli {
namespace {

bool Always() { return true; }

TEST(Crew, DoesEachJobOnce) {
  for (const uint32_t hands : {1u, 3u, 16u}) {
    std::vector<std::atomic<int>> done(10);
    DoTogether(10, hands, Always, [&](uint32_t job) { ++done[job]; });
    for (const std::atomic<int>& times : done) EXPECT_EQ(times, 1);
  }
}

TEST(Crew, DoesAsManyAtOnceAsItHasHands) {
  std::barrier together(4);
  DoTogether(4, 4, Always, [&](uint32_t) { together.arrive_and_wait(); });
}

TEST(Crew, BeginsNoJobOnceThereIsEnough) {
  int done = 0;
  DoTogether(10, 1, [&] { return done < 4; }, [&](uint32_t) { ++done; });
  EXPECT_EQ(done, 4);
}

TEST(Crew, EndsWithTheFirstFailure) {
  int done = 0;
  const auto third_fails = [&](uint32_t job) {
    ++done;
    if (job == 3) throw std::runtime_error("gone");
  };
  EXPECT_THROW(DoTogether(100, 1, Always, third_fails), std::runtime_error);
  EXPECT_EQ(done, 4);
}

}  // namespace
}  // namespace murphy::cli
