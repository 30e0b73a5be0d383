// SPDX-License-Identifier: Apache-2.0
#include "daemon/analysis/tally.h"

#include <gtest/gtest.h>

#include "tests/analysis/made_runs.h"
#include "tests/statistics/coin.h"

namespace murphy::analysis {
namespace {

v1::Exchange Call(uint64_t sequence, const std::string& name, bool well, uint32_t attempt = 1) {
  v1::Exchange exchange;
  exchange.set_sequence(sequence);
  exchange.set_name(name);
  exchange.set_attempt(attempt);
  exchange.set_status(well ? 200 : 503);
  exchange.set_failed(!well);
  exchange.set_end(v1::END_STATE_COMPLETE);
  return exchange;
}

v1::Injection Delivered(uint64_t exchange, v1::RecoveryLayer layer, uint32_t attempts) {
  v1::Injection injection;
  injection.set_exchange(exchange);
  injection.set_state(v1::INJECTION_STATE_DELIVERED);
  injection.set_recovery(layer);
  injection.set_recovery_attempts(attempts);
  return injection;
}

TEST(Tally, CountsGoodRunsAndWhatSeveralInARowWouldBe) {
  Tally tally;
  for (uint32_t i = 0; i < 10; ++i)
    tally.Add(MadeRun(i, i < 8 ? v1::OUTCOME_CLASS_RECOVERED : v1::OUTCOME_CLASS_HUNG), {}, {});
  tally.Add(MadeRun(10, v1::OUTCOME_CLASS_INVALID), {}, {});
  const v1::Statistics figures = tally.Figures({});
  EXPECT_EQ(figures.good().of(), 8u);
  EXPECT_EQ(figures.good().all(), 10u);
  EXPECT_LT(figures.anytime().low(), figures.good().rate().low());
  ASSERT_EQ(figures.repeats_size(), 4);
  EXPECT_EQ(figures.repeats(1).k(), 2u);
  EXPECT_NEAR(figures.repeats(1).all(), 8.0 / 10 * 7 / 9, 1e-12);
  EXPECT_FALSE(figures.has_effect());
  EXPECT_FALSE(figures.has_compound());
}

TEST(Tally, PairsTreatmentWithItsShadow) {
  Tally tally;
  for (uint32_t i = 0; i < 40; ++i) {
    v1::Run treated = MadeRun(i, i % 2 == 0 ? v1::OUTCOME_CLASS_HUNG : v1::OUTCOME_CLASS_RECOVERED, 200);
    treated.mutable_outcome()->set_delivered(i % 2 == 0 ? 1 : 0);
    v1::Run twin = MadeRun(i, v1::OUTCOME_CLASS_RECOVERED, 100);
    twin.set_arm(v1::ARM_SHADOW);
    twin.mutable_outcome()->set_delivered(0);
    twin.mutable_outcome()->set_would_fire(i % 2 == 0 ? 1 : 0);
    tally.Add(treated, {}, {});
    tally.Add(twin, {}, {});
  }
  const v1::Statistics figures = tally.Figures({});
  EXPECT_EQ(figures.effect().treatment().all(), 40u);
  EXPECT_NEAR(figures.effect().difference().value(), -0.5, 1e-9);
  EXPECT_EQ(figures.fired_effect().treatment().all(), 20u);
  EXPECT_NEAR(figures.fired_effect().difference().value(), -1, 1e-9);
  EXPECT_LT(figures.fired_effect().difference().high(), -0.7);
  EXPECT_GT(figures.evidence_of_harm(), 20);
  EXPECT_NEAR(figures.cost().paired_ratio().value(), 2, 1e-9);
  EXPECT_NEAR(figures.cost().tokens_per_good_run(), 400, 1e-9);
}

TEST(Tally, CountsRunsThatNoFaultMetWhereFaultsWereSwitchedOn) {
  Tally tally;
  for (uint32_t i = 0; i < 20; ++i) {
    const bool fired = i % 2 == 0;
    v1::Run treated = MadeRun(i, fired ? v1::OUTCOME_CLASS_HUNG : v1::OUTCOME_CLASS_INVALID);
    treated.mutable_outcome()->set_delivered(fired ? 1 : 0);
    v1::Run twin = MadeRun(i, v1::OUTCOME_CLASS_RECOVERED);
    twin.set_arm(v1::ARM_SHADOW);
    twin.mutable_outcome()->set_would_fire(fired ? 1 : 0);
    tally.Add(treated, {}, {});
    tally.Add(twin, {}, {});
  }
  const v1::Statistics figures = tally.Figures({});
  EXPECT_NEAR(figures.effect().difference().value(), -0.5, 1e-9);
  EXPECT_NEAR(figures.fired_effect().difference().value(), -1, 1e-9);
}

// Ten steps of 95 % each come to 60 %; an agent that tries each twice comes through nearly always.
TEST(Tally, PredictsWhatStepsComeToAndSeesWhatRecoveryAdds) {
  statistics::Coin coin(3);
  Tally brittle;
  Tally sturdy;
  for (uint32_t i = 0; i < 300; ++i) {
    std::vector<v1::Exchange> once;
    std::vector<v1::Exchange> twice;
    bool well = true;
    bool recovered = true;
    for (int step = 0; step < 10; ++step) {
      const std::string name = "step" + std::to_string(step);
      const bool first = coin.Falls(0.95);
      const bool second = coin.Falls(0.95);
      if (well) once.push_back(Call(once.size() + 1, name, first));
      well = well && first;
      if (recovered) twice.push_back(Call(twice.size() + 1, name, first));
      if (recovered && !first) twice.push_back(Call(twice.size() + 1, name, second, 2));
      recovered = recovered && (first || second);
    }
    brittle.Add(MadeRun(i, well ? v1::OUTCOME_CLASS_RECOVERED : v1::OUTCOME_CLASS_HUNG), once, {});
    sturdy.Add(MadeRun(i, recovered ? v1::OUTCOME_CLASS_RECOVERED : v1::OUTCOME_CLASS_HUNG), twice, {});
  }
  const v1::CompoundReliability compound = sturdy.Figures({}).compound();
  EXPECT_NEAR(compound.operations(), 10, 0.2);
  EXPECT_NEAR(compound.predicted(), 0.5987, 0.06);
  EXPECT_GT(compound.observed(), 0.95);
  EXPECT_GT(compound.ratio().low(), 1);
  EXPECT_NEAR(brittle.Figures({}).compound().observed(), 0.5987, 0.06);
}

TEST(Tally, TellsRecoveredFromGivenUpAndFromStillOpen) {
  Tally tally;
  std::vector<v1::Exchange> calls;
  for (uint64_t i = 1; i <= 30; ++i) calls.push_back(Call(i, "search", true));
  tally.Add(MadeRun(0, v1::OUTCOME_CLASS_RECOVERED), calls,
            {Delivered(1, v1::RECOVERY_LAYER_SDK_RETRY, 2), Delivered(2, v1::RECOVERY_LAYER_FALLBACK, 7),
             Delivered(3, v1::RECOVERY_LAYER_GAVE_UP_LOUD, 1),
             Delivered(4, v1::RECOVERY_LAYER_UNSPECIFIED, 0)});
  const v1::Statistics figures = tally.Figures({});
  ASSERT_EQ(figures.recovery_size(), 4);
  const v1::RecoveryIncidence& all = figures.recovery(0);
  EXPECT_EQ(all.layer(), v1::RECOVERY_LAYER_UNSPECIFIED);
  EXPECT_EQ(all.injections(), 2u);
  EXPECT_NEAR(all.within_5(), 0.25, 1e-9);
  EXPECT_NEAR(all.within_20(), 0.5, 1e-9);
  EXPECT_EQ(all.median_calls(), 7);
  EXPECT_EQ(figures.recovery(1).layer(), v1::RECOVERY_LAYER_SDK_RETRY);
  EXPECT_FALSE(figures.recovery(1).has_median_calls());
}

TEST(Tally, FindsTheExpectationsThatAreViolatedTooOftenAmongMany) {
  Tally tally;
  for (uint32_t i = 0; i < 30; ++i) {
    v1::Run run = MadeRun(i, v1::OUTCOME_CLASS_RECOVERED);
    Expect(run, "often", i % 2 == 0);
    Expect(run, "rarely", i != 0);
    Expect(run, "unknown", false, true);
    tally.Add(run, {}, {});
  }
  const v1::Statistics figures = tally.Figures({});
  ASSERT_EQ(figures.expects_size(), 3);
  EXPECT_EQ(figures.expects(0).expect(), "often");
  EXPECT_TRUE(figures.expects(0).found());
  EXPECT_FALSE(figures.expects(1).found());
  EXPECT_EQ(figures.expects(2).unjudged(), 30u);
  EXPECT_EQ(figures.expects(2).violated().all(), 0u);
}

TEST(Tally, SaysNothingOfNothing) {
  const v1::Statistics figures = Tally().Figures({});
  EXPECT_EQ(figures.good().all(), 0u);
  EXPECT_EQ(figures.repeats_size(), 0);
  EXPECT_EQ(figures.smallest_drop(), 1);
  EXPECT_FALSE(figures.cost().has_tokens_per_good_run());
}

}  // namespace
}  // namespace murphy::analysis
