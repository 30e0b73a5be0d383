// SPDX-License-Identifier: Apache-2.0
#include "daemon/exchange/record.h"

#include <gtest/gtest.h>

#include "daemon/exchange/digest.h"

namespace murphy::exchange {
namespace {

TEST(StatedDelayTest, PrefersMillisecondsAndReadsSecondsAndDates) {
  const absl::Time now =
      absl::FromCivil(absl::CivilSecond(2026, 1, 1, 0, 0, 0), absl::UTCTimeZone());
  EXPECT_EQ(StatedDelay({{"Retry-After", "7"}, {"Retry-After-Ms", "1500"}}, now),
            absl::Milliseconds(1500));
  EXPECT_EQ(StatedDelay({{"retry-after", "2.5"}}, now), absl::Milliseconds(2500));
  EXPECT_EQ(StatedDelay({{"Retry-After", "Thu, 01 Jan 2026 00:00:09 GMT"}}, now), absl::Seconds(9));
  EXPECT_EQ(StatedDelay({{"Retry-After", "soon"}}, now), std::nullopt);
  EXPECT_EQ(StatedDelay({}, now), std::nullopt);
}

TEST(DigestTest, IsSha256OfEverythingAddedSoFar) {
  Digest digest;
  EXPECT_EQ(digest.Hex(), "");
  digest.Add("a");
  digest.Add("bc");
  EXPECT_EQ(digest.Hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest.Hex(), digest.Hex());
}

}  // namespace
}  // namespace murphy::exchange
