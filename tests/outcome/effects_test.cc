// SPDX-License-Identifier: Apache-2.0
#include "daemon/outcome/effects.h"

#include <gtest/gtest.h>

#include "tests/outcome/story.h"

namespace murphy::outcome {
namespace {

class Effects : public testing::Test {
 protected:
  Effects() { story_.Target("charge", v1::TARGET_ROLE_SIDE_EFFECT); }

  Ledger Read() { return ReadLedger(History(story_.evidence)); }

  Story story_;
};

TEST_F(Effects, AreOnePerOperation) {
  story_.Call("charge");
  story_.Call("charge");
  EXPECT_EQ(Read().effects, 2u);
  EXPECT_EQ(Read().intents, 2u);
  EXPECT_EQ(Read().duplicates, 0u);
}

TEST_F(Effects, ALostAnswerAndARetryWithoutAKeyAreTwo) {
  story_.Call("charge");
  story_.Lose();
  story_.Call("charge", 1);
  EXPECT_EQ(Read().effects, 2u);
  EXPECT_EQ(Read().intents, 1u);
  EXPECT_EQ(Read().duplicates, 1u);
  EXPECT_EQ(Read().evidence, (std::vector<uint64_t>{1, 2}));
}

TEST_F(Effects, WithTheSameKeyTheyAreOne) {
  story_.Call("charge").set_idempotency_digest("k");
  story_.Lose();
  story_.Call("charge", 1).set_idempotency_digest("k");
  EXPECT_EQ(Read().effects, 1u);
  EXPECT_EQ(Read().duplicates, 0u);
}

TEST_F(Effects, ANewKeyForTheSameIntentIsASecondEffect) {
  story_.Call("charge").set_idempotency_digest("k1");
  story_.Lose();
  story_.Call("charge", 1).set_idempotency_digest("k2");
  EXPECT_EQ(Read().duplicates, 1u);
}

TEST_F(Effects, CopiesCountUnlessKeyed) {
  story_.Call("charge").set_upstream_requests(3);
  EXPECT_EQ(Read().duplicates, 2u);
  story_.evidence.exchanges[0].set_idempotency_digest("k");
  EXPECT_EQ(Read().duplicates, 0u);
}

TEST_F(Effects, RefusalsHaveNone) {
  story_.Call("charge");
  story_.Refuse(503);
  story_.Call("charge", 1).set_upstream_status(500);
  story_.Call("charge", 1).set_failed(true);  // `isError` under status 200
  story_.Call("charge", 1);
  EXPECT_EQ(Read().effects, 1u);
  EXPECT_EQ(Read().duplicates, 0u);
}

TEST_F(Effects, RepeatingASuccessIsNoNewIntentUnlessItHasAKeyOfItsOwn) {
  story_.Call("charge");
  story_.Call("charge").set_repeat(true);
  EXPECT_EQ(Read().duplicates, 1u);
  story_.evidence.exchanges[1].set_idempotency_digest("k2");
  EXPECT_EQ(Read().duplicates, 0u);
}

TEST_F(Effects, OtherTargetsAndLateExchangesDoNotCount) {
  story_.Call("search");
  story_.Call("search").set_repeat(true);
  story_.Call("charge");
  story_.Call("charge").set_repeat(true);
  story_.evidence.exchanges.back().set_late(true);
  EXPECT_EQ(Read().duplicates, 0u);
}

}  // namespace
}  // namespace murphy::outcome
