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
  story_.Call("charge", 1);
  story_.Answer(503);
  story_.Call("charge", 1);
  story_.Answer(409);
  story_.Call("charge", 1);
  story_.Answer(200);  // `isError`
  story_.Call("charge", 1);
  EXPECT_EQ(Read().effects, 1u);
  EXPECT_EQ(Read().unknown, 0u);
  EXPECT_EQ(Read().duplicates, 0u);
}

TEST_F(Effects, ARefusalThatWasAnsweredByMurphyIsTheUpstreamsStill) {
  story_.Call("charge");
  story_.Answer(200);
  story_.Inject("corrupt_json");
  story_.evidence.exchanges.back().set_origin(v1::ORIGIN_INJECTED);
  story_.Call("charge", 1);
  EXPECT_EQ(Read().duplicates, 0u);
}

TEST_F(Effects, OfACallThatWasPassedOnAndNotAnsweredAreNotKnown) {
  story_.Call("charge");
  story_.Silence();
  EXPECT_EQ(Read().effects, 0u);
  EXPECT_EQ(Read().unknown, 1u);
  EXPECT_EQ(Read().possible, 0u) << "one effect is what was meant";
  story_.Call("charge", 1);
  EXPECT_EQ(Read().effects, 1u);
  EXPECT_EQ(Read().duplicates, 0u);
  EXPECT_EQ(Read().possible, 1u);
  EXPECT_EQ(Read().doubtful, (std::vector<uint64_t>{1}));
}

TEST_F(Effects, OfAServerThatBrokeDownAreNotKnown) {
  for (const uint32_t status : {500, 502, 504}) {
    Story story;
    story.Call("charge");
    story.Answer(status);
    EXPECT_EQ(EffectOf(story.evidence.exchanges[0]), Effect::kUnknown) << status;
  }
}

TEST_F(Effects, OfACallThatIsSentElsewhereToLookAreNotKnown) {
  for (const uint32_t status : {301, 302, 303}) {
    story_ = Story();
    story_.Target("charge", v1::TARGET_ROLE_SIDE_EFFECT);
    story_.Call("charge").set_upstream_status(status);
    story_.Call("charge", 1).set_upstream_status(status);
    EXPECT_EQ(Read().unknown, 2u) << status;
    EXPECT_EQ(Read().possible, 1u) << status;
  }
  story_ = Story();
  story_.Target("charge", v1::TARGET_ROLE_SIDE_EFFECT);
  story_.Call("charge").set_upstream_status(307);
  EXPECT_EQ(Read().unknown, 0u) << "it is to be made again";
}

// The second went out while a fault kept the answer of the first.
TEST_F(Effects, OfTwoCallsThatSayTheSameWhileOneIsKeptMayBeOneIntent) {
  story_.Say("charge", "refund 17").mutable_duration()->set_seconds(5);
  story_.Inject("latency");
  story_.Say("charge", "refund 17");
  EXPECT_EQ(Read().duplicates, 0u);
  EXPECT_EQ(Read().possible, 1u);
  EXPECT_NE(Doubt(Read()).find("exchanges 1 and 2 say the same as far as is known"), std::string::npos)
      << Doubt(Read());
  story_.evidence.exchanges[1].set_request_digest("refund 18");
  EXPECT_EQ(Read().possible, 0u) << "another intent";
  story_.evidence.exchanges[1].set_request_digest("refund 17");
  story_.evidence.exchanges[1].set_idempotency_digest("its own key");
  EXPECT_EQ(Read().possible, 0u) << "it says that it means two";
  story_.evidence.exchanges[1].clear_idempotency_digest();
  story_.evidence.injections.clear();
  EXPECT_EQ(Read().possible, 0u) << "nothing made the agent impatient";
}

TEST_F(Effects, OfCallsThatAreTooLargeToBeReadAndBeginAlikeMayBeOneIntent) {
  story_.Say("charge", "begins").set_unclassified(true);
  story_.Lose();
  story_.Say("charge", "begins").set_unclassified(true);
  EXPECT_EQ(Read().duplicates, 0u);
  EXPECT_EQ(Read().possible, 1u);
  story_.evidence.exchanges[1].set_request_digest("begins otherwise");
  EXPECT_EQ(Read().possible, 0u);
  for (v1::Exchange& exchange : story_.evidence.exchanges) exchange.clear_request_digest();
  EXPECT_EQ(Read().possible, 1u) << "nothing is known of either";
}

TEST_F(Effects, TookPlaceOnceTheUpstreamHasSaidSo) {
  v1::Exchange& broken = story_.Call("charge");
  broken.set_end(v1::END_STATE_BROKEN);
  broken.set_failed(true);
  broken.set_failure("broke off");
  broken.set_failure_cause(v1::FAILURE_CAUSE_BROKEN);
  story_.Call("charge", 1);
  EXPECT_EQ(Read().duplicates, 1u);
  EXPECT_EQ(Read().evidence, (std::vector<uint64_t>{1, 2}));
}

TEST_F(Effects, OfWhatWasNeverSentAreNone) {
  story_.Call("charge");
  story_.Miss();
  story_.Call("charge", 1);
  story_.Miss(v1::FAILURE_CAUSE_UNREACHABLE);
  story_.Call("charge", 1);
  EXPECT_EQ(Read().effects, 1u);
  EXPECT_EQ(Read().possible, 0u);
}

TEST_F(Effects, OfACallThatTheAgentDidNotWaitForAreNotKnown) {
  v1::Exchange& left = story_.Call("charge");
  left.set_end(v1::END_STATE_AGENT_LEFT);
  left.set_upstream_status(0);
  EXPECT_EQ(EffectOf(left), Effect::kUnknown);
  left.set_upstream_requests(0);
  EXPECT_EQ(EffectOf(left), Effect::kUnknown) << "it left while the request was sent";
  left.set_origin(v1::ORIGIN_INJECTED);
  EXPECT_EQ(EffectOf(left), Effect::kNone) << "it left while a fault held the request";
}

TEST_F(Effects, AKeyMakesOneOfWhatIsNotKnownAndWhatTookPlace) {
  story_.Call("charge").set_idempotency_digest("k");
  story_.Silence();
  story_.Call("charge", 1).set_idempotency_digest("k");
  EXPECT_EQ(Read().possible, 0u);
  EXPECT_EQ(Read().unknown, 0u);
}

TEST_F(Effects, ALookThatFindsNothingSettlesWhatIsNotKnown) {
  story_.Target("status", v1::TARGET_ROLE_VERIFY);
  story_.Call("charge");
  story_.Silence();
  story_.Call("status");
  story_.Answer(404);
  story_.Call("charge", 1);
  EXPECT_EQ(Read().possible, 0u);
  story_.evidence.exchanges[1].set_status(200);
  story_.evidence.exchanges[1].set_upstream_status(200);
  EXPECT_EQ(Read().possible, 1u) << "who has found it does not say that it was not there";
}

TEST_F(Effects, ACheckerCountsThem) {
  story_.Call("charge");
  story_.Silence();
  story_.Call("charge", 1);
  story_.Report(v1::TASK_STATE_CORRECT);
  (*story_.evidence.report->mutable_effects())["charge"] = 1;
  EXPECT_EQ(Read().effects, 1u);
  EXPECT_EQ(Read().possible, 0u);
  EXPECT_EQ(Read().duplicates, 0u);
  (*story_.evidence.report->mutable_effects())["charge"] = 2;
  EXPECT_EQ(Read().duplicates, 1u);
  EXPECT_EQ(Read().evidence, (std::vector<uint64_t>{1}));
}

TEST_F(Effects, ARepeatAfterADamagedAnswerNamesBothCalls) {
  story_.Say("charge", "pay 5");
  story_.Falsify();
  story_.Say("charge", "pay 7");
  story_.Repeat("charge", "pay 5");
  EXPECT_EQ(Read().duplicates, 1u);
  EXPECT_EQ(Read().evidence, (std::vector<uint64_t>{1, 3}));
  EXPECT_EQ(Read().repeated, (std::unordered_set<uint64_t>{1, 3}));
}

TEST_F(Effects, AFreshKeyAfterADamagedAnswerIsNoNewIntent) {
  story_.Say("charge", "pay 5").set_idempotency_digest("k1");
  story_.Falsify();
  story_.Repeat("charge", "pay 5").set_idempotency_digest("k2");
  EXPECT_EQ(Read().duplicates, 1u);
}

TEST_F(Effects, ATaskThatStartsAgainMeansNothingNew) {
  story_.Say("model", "the task");
  story_.Say("charge", "pay 5").set_idempotency_digest("k1");
  story_.Say("model", "go on").set_failed(true);
  story_.Inject("truncate_body");
  story_.Repeat("model", "the task");
  story_.Repeat("charge", "pay 5").set_idempotency_digest("k2");
  EXPECT_EQ(Read().duplicates, 1u);
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
