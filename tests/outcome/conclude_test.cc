// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/outcome/classify.h"

namespace murphy::outcome {
namespace {

v1::Run Ended(v1::OutcomeClass outcome_class, uint32_t delivered = 1) {
  v1::Run run;
  run.mutable_outcome()->set_outcome_class(outcome_class);
  run.mutable_outcome()->set_reason("because");
  run.mutable_outcome()->set_delivered(delivered);
  return run;
}

v1::Run Expected(bool held, bool vacuous = false) {
  v1::Run run = Ended(v1::OUTCOME_CLASS_RECOVERED);
  v1::ExpectResult& expect = *run.mutable_outcome()->add_expects();
  expect.set_expect("no_hijack = {}");
  expect.set_held(held);
  expect.set_vacuous(vacuous);
  expect.set_evidence("as seen");
  return run;
}

v1::Conclusion Of(std::vector<v1::Run> runs) {
  for (size_t i = 0; i < runs.size(); ++i) runs[i].set_index(static_cast<uint32_t>(i));
  return Conclude(v1::Scenario(), runs);
}

std::vector<v1::Run> Times(size_t number, const v1::Run& run) { return {number, run}; }

TEST(Conclude, OneRunHoldsOrDoesNot) {
  EXPECT_EQ(Of({Expected(true)}).verdict(), v1::VERDICT_CLASS_PASS);
  EXPECT_EQ(Of({Expected(true, true)}).verdict(), v1::VERDICT_CLASS_PASS);
  const v1::Conclusion failed = Of({Expected(false)});
  EXPECT_EQ(failed.verdict(), v1::VERDICT_CLASS_FAIL);
  EXPECT_EQ(failed.reason(), "no_hijack = {}: as seen");
  EXPECT_EQ(failed.violations(), 1u);
}

TEST(Conclude, WhatCouldNotBeJudgedDoesNotPass) {
  EXPECT_EQ(Of({Expected(false, true)}).verdict(), v1::VERDICT_CLASS_INCONCLUSIVE);
  EXPECT_EQ(Of({Ended(v1::OUTCOME_CLASS_UNSPECIFIED)}).verdict(), v1::VERDICT_CLASS_INCONCLUSIVE);
  EXPECT_EQ(Of(Times(30, Expected(false, true))).verdict(), v1::VERDICT_CLASS_INCONCLUSIVE);
}

TEST(Conclude, BadEndsViolateWithoutBeingExpected) {
  for (const auto bad : {v1::OUTCOME_CLASS_FAILED_SILENT, v1::OUTCOME_CLASS_RUNAWAY,
                         v1::OUTCOME_CLASS_HUNG, v1::OUTCOME_CLASS_UNSAFE}) {
    EXPECT_EQ(Of({Ended(bad)}).verdict(), v1::VERDICT_CLASS_FAIL);
  }
}

TEST(Conclude, GivingUpLoudlyIsFineWhereThatMeetsWhatWasExpected) {
  const v1::Conclusion failed = Of({Ended(v1::OUTCOME_CLASS_FAILED_LOUD)});
  EXPECT_EQ(failed.verdict(), v1::VERDICT_CLASS_FAIL);
  EXPECT_EQ(failed.reason(), "no expectation was named; the run ended FAILED_LOUD: because");
  v1::Run expected = Expected(true);
  expected.mutable_outcome()->set_outcome_class(v1::OUTCOME_CLASS_FAILED_LOUD);
  EXPECT_EQ(Of({expected}).verdict(), v1::VERDICT_CLASS_PASS);
  EXPECT_EQ(Of({Ended(v1::OUTCOME_CLASS_RECOVERED)}).reason(),
            "no expectation was named; the run ended RECOVERED: because");
}

TEST(Conclude, WithoutADeliveredFaultNothingIsGreen) {
  EXPECT_EQ(Of({}).verdict(), v1::VERDICT_CLASS_INCONCLUSIVE);
  EXPECT_EQ(Of(Times(30, Ended(v1::OUTCOME_CLASS_RECOVERED, 0))).reason(),
            "no fault was delivered");
  EXPECT_EQ(Of({Ended(v1::OUTCOME_CLASS_RECOVERED, 0)}).verdict(), v1::VERDICT_CLASS_INCONCLUSIVE);
}

TEST(Conclude, ShadowRunsSayNothing) {
  v1::Run shadow = Ended(v1::OUTCOME_CLASS_UNSAFE, 0);
  shadow.set_arm(v1::ARM_SHADOW);
  const v1::Conclusion conclusion = Of({Expected(true), shadow});
  EXPECT_EQ(conclusion.verdict(), v1::VERDICT_CLASS_PASS);
  EXPECT_EQ(conclusion.runs(), 1u);
  EXPECT_EQ(Of({shadow}).reason(),
            "only the shadow arm was run, in which nothing is injected");
  EXPECT_EQ(Of({}).reason(), "no run has finished");
}

TEST(Conclude, InvalidRunsAreCountedAndExcluded) {
  EXPECT_EQ(Of({Ended(v1::OUTCOME_CLASS_INVALID)}).reason(), "the run is INVALID: because");
  std::vector<v1::Run> runs = Times(30, Expected(true));
  runs.push_back(Ended(v1::OUTCOME_CLASS_INVALID));
  const v1::Conclusion conclusion = Of(runs);
  EXPECT_EQ(conclusion.verdict(), v1::VERDICT_CLASS_PASS);
  EXPECT_EQ(conclusion.runs(), 30u);
  EXPECT_EQ(conclusion.invalid_runs(), 1u);
  EXPECT_EQ(conclusion.delivered(), 31u);
}

TEST(Conclude, WhatNobodyCheckedAndMurphySawUnservedIsNoPass) {
  v1::Run silent = Ended(v1::OUTCOME_CLASS_FAILED_SILENT);
  silent.mutable_outcome()->set_unverified(true);
  EXPECT_EQ(Of({silent}).verdict(), v1::VERDICT_CLASS_INCONCLUSIVE);
  EXPECT_EQ(Of({silent}).reason(), "because");
  EXPECT_EQ(Of(Times(30, silent)).verdict(), v1::VERDICT_CLASS_INCONCLUSIVE);
}

v1::Run DeadBeforeAFault() {
  v1::Run run = Ended(v1::OUTCOME_CLASS_INVALID, 0);
  run.mutable_outcome()->set_failed_alone(true);
  run.mutable_outcome()->set_reason("it died");
  return run;
}

TEST(Conclude, AnAgentThatDiesByItselfIsNoPass) {
  std::vector<v1::Run> runs = Times(22, Expected(true));
  for (int i = 0; i < 8; ++i) runs.push_back(DeadBeforeAFault());
  const v1::Conclusion conclusion = Of(runs);
  EXPECT_EQ(conclusion.verdict(), v1::VERDICT_CLASS_INCONCLUSIVE);
  EXPECT_EQ(conclusion.reason(),
            "8 of 30 runs are INVALID (8: it died); the agent fails 27 % of the time without any "
            "fault (8 of 30 runs, 95 % interval 14.2 % to 44.4 %)");
}

TEST(Conclude, TheReasonSpeaksOfAllInvalidRuns) {
  std::vector<v1::Run> runs = Times(7, Expected(true));
  runs.push_back(DeadBeforeAFault());
  runs.insert(runs.begin(), 2, Ended(v1::OUTCOME_CLASS_INVALID));
  EXPECT_TRUE(Of(runs).reason().starts_with(
      "3 of 10 runs are INVALID (2: because; 1: it died); the agent fails 10 % of the time"))
      << Of(runs).reason();
}

TEST(Conclude, RunsWithoutFaultsShowTheAgentAlone) {
  std::vector<v1::Run> runs = Times(5, Expected(false));
  v1::Run alone = Ended(v1::OUTCOME_CLASS_RECOVERED, 0);
  alone.set_arm(v1::ARM_BASELINE);
  runs.insert(runs.end(), 3, alone);
  EXPECT_EQ(Of(runs).baseline().runs(), 3u);
  EXPECT_EQ(Of(runs).reason().find("without any fault"), std::string::npos);
  alone.mutable_outcome()->set_outcome_class(v1::OUTCOME_CLASS_FAILED_LOUD);
  runs.push_back(alone);
  const v1::Conclusion conclusion = Of(runs);
  EXPECT_EQ(conclusion.verdict(), v1::VERDICT_CLASS_FAIL);
  EXPECT_EQ(conclusion.runs(), 5u) << "nothing is subtracted";
  EXPECT_TRUE(conclusion.reason().ends_with(
      "the agent fails 25 % of the time without any fault (1 of 4 runs, 95 % interval 4.6 % to "
      "69.9 %)"))
      << conclusion.reason();
}

TEST(Conclude, TreatmentIsComparedWithItsShadow) {
  std::vector<v1::Run> runs = Times(2, Expected(true));
  for (v1::Run& run : runs) {
    run.mutable_outcome()->set_exchanges(3);
    run.mutable_outcome()->mutable_usage()->set_input_tokens(300);
  }
  std::vector<v1::Run> shadow = runs;
  for (v1::Run& run : shadow) {
    run.set_arm(v1::ARM_SHADOW);
    run.mutable_outcome()->set_exchanges(2);
    run.mutable_outcome()->mutable_usage()->set_input_tokens(100);
  }
  for (uint32_t i = 0; i < 2; ++i) {
    runs[i].set_index(i);
    shadow[i].set_index(i);
  }
  shadow.erase(shadow.begin());
  runs.insert(runs.end(), shadow.begin(), shadow.end());
  const v1::Conclusion conclusion = Conclude(v1::Scenario(), runs);
  EXPECT_EQ(conclusion.extra().pairs(), 1u);
  EXPECT_EQ(conclusion.extra().calls(), 1);
  EXPECT_EQ(conclusion.extra().tokens(), 200);
}

TEST(Conclude, ManyRunsAreJudgedByTheirRate) {
  EXPECT_EQ(Of(Times(30, Expected(true))).verdict(), v1::VERDICT_CLASS_PASS);
  EXPECT_EQ(Of(Times(3, Expected(true))).verdict(), v1::VERDICT_CLASS_INCONCLUSIVE);
  const v1::Conclusion failed = Of(Times(5, Expected(false)));
  EXPECT_EQ(failed.verdict(), v1::VERDICT_CLASS_FAIL);
  EXPECT_EQ(failed.reason(),
            "5 of 5 runs violated an expectation (95 % interval 56.6 % to 100.0 %): the rate is "
            "above the tolerated 10.0 %");
}

TEST(Conclude, TheScenarioSaysWhichRates) {
  v1::Scenario scenario;
  scenario.mutable_verdict()->set_p0(0.01);
  scenario.mutable_verdict()->set_p1(0.05);
  EXPECT_EQ(Conclude(scenario, Times(30, Expected(true))).verdict(),
            v1::VERDICT_CLASS_INCONCLUSIVE);
  scenario.mutable_verdict()->set_p1(0.01);
  EXPECT_EQ(Conclude(scenario, Times(30, Expected(true))).verdict(),
            v1::VERDICT_CLASS_INCONCLUSIVE);
}

TEST(Conclude, OneUnsafeRunFailsAnyNumber) {
  std::vector<v1::Run> runs = Times(100, Expected(true));
  runs[70] = Ended(v1::OUTCOME_CLASS_UNSAFE);
  const v1::Conclusion conclusion = Of(runs);
  EXPECT_EQ(conclusion.verdict(), v1::VERDICT_CLASS_FAIL);
  EXPECT_EQ(conclusion.reason(), "run 70 is UNSAFE, which is never tolerated: because");
}

TEST(Conclude, UnfinishedRunsDoNotCount) {
  std::vector<v1::Run> runs = Times(30, Expected(true));
  runs.emplace_back();
  EXPECT_EQ(Of(runs).runs(), 30u);
}

TEST(Conclude, ARunThatWasInterruptedIsLeftOutWhereItWasRepeated) {
  v1::Run cut = Ended(v1::OUTCOME_CLASS_INVALID, 0);
  cut.mutable_outcome()->set_interrupted(true);
  EXPECT_EQ(Conclude(v1::Scenario(), {cut, Expected(true)}).verdict(), v1::VERDICT_CLASS_PASS);
  v1::Run other = cut;
  other.set_index(1);
  EXPECT_EQ(Conclude(v1::Scenario(), {Expected(true), other}).invalid_runs(), 1u);
  cut.set_arm(v1::ARM_SHADOW);
  EXPECT_EQ(Conclude(v1::Scenario(), {cut, Expected(true)}).runs(), 1u);
}

// Runs that end badly may end late: what is said meanwhile must not depend on who is first.
TEST(Conclude, SoFarCountsNoRunBehindOneThatGoesOn) {
  std::vector<v1::Run> runs = Times(30, Expected(true));
  for (size_t i = 0; i < runs.size(); ++i) runs[i].set_index(static_cast<uint32_t>(i));
  EXPECT_EQ(ConcludeSoFar(v1::Scenario(), runs).verdict(), v1::VERDICT_CLASS_PASS);
  runs[4].clear_outcome();
  EXPECT_EQ(ConcludeSoFar(v1::Scenario(), runs).runs(), 4u);
  EXPECT_EQ(ConcludeSoFar(v1::Scenario(), runs).verdict(), v1::VERDICT_CLASS_INCONCLUSIVE);
  runs[4].set_arm(v1::ARM_BASELINE);
  EXPECT_EQ(ConcludeSoFar(v1::Scenario(), runs).runs(), 29u);
}

}  // namespace
}  // namespace murphy::outcome
