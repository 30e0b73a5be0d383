// SPDX-License-Identifier: Apache-2.0
// Expectations that all runs of an experiment decide together: of each a verdict that holds, one
// that does not, and one that nobody can tell.
#include <gtest/gtest.h>

#include <functional>

#include "google/protobuf/text_format.h"
#include "tests/outcome/story.h"

namespace murphy::outcome {
namespace {

// An experiment that expects one thing, and its runs as their judgement has them.
class Experiment {
 public:
  explicit Experiment(const std::string& expect) {
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(expect, scenario_.add_expect()));
    scenario_.add_rule()->set_id("a");
    scenario_.add_rule()->set_id("b");
  }

  // A run of the next index, or with the index of the one before it.
  void Run(v1::Arm arm, const std::function<void(Story&)>& tell, bool twin = false) {
    Story story;
    story.evidence.scenario = scenario_;
    if (arm == v1::ARM_BASELINE) story.evidence.scenario.clear_rule();
    story.evidence.shadow = arm == v1::ARM_SHADOW;
    story.Report(v1::TASK_STATE_CORRECT);
    tell(story);
    v1::Run& run = runs_.emplace_back();
    run.set_arm(arm);
    run.set_index(twin ? index_ : ++index_);
    *run.mutable_outcome() = story.Outcome();
  }

  v1::Conclusion Conclude() const { return outcome::Conclude(scenario_, runs_); }
  v1::Conclusion SoFar() const { return ConcludeSoFar(scenario_, runs_); }
  v1::ExpectResult Result() const { return Conclude().expects(0); }

 private:
  v1::Scenario scenario_;
  std::vector<v1::Run> runs_;
  uint32_t index_ = 0;
};

testing::AssertionResult Is(v1::VerdictClass verdict, const Experiment& experiment) {
  const v1::Conclusion conclusion = experiment.Conclude();
  if (conclusion.verdict() == verdict) return testing::AssertionSuccess();
  return testing::AssertionFailure() << conclusion.DebugString();
}

// Calls of others while `slow` is held up for 100 s: so many, one second apart.
void Beside(Story& story, int others) {
  v1::Exchange& slow = story.Call("slow");
  slow.mutable_duration()->set_seconds(100);
  v1::Injection& injection = story.Inject("latency");
  if (story.evidence.shadow) {
    injection.set_state(v1::INJECTION_STATE_WOULD_FIRE);
    slow.mutable_duration()->set_seconds(0);
  }
  for (int i = 0; i < others; ++i) story.Call("other");
  if (!story.evidence.shadow) story.evidence.exchanges.back().set_failed(false);
}

void Pair(Experiment& experiment, int treated, int plain) {
  experiment.Run(v1::ARM_TREATMENT, [=](Story& story) { Beside(story, treated); });
  experiment.Run(v1::ARM_SHADOW, [=](Story& story) { Beside(story, plain); }, /*twin=*/true);
}

TEST(Bulkhead, HoldsWhereOthersGoOnAsWithoutTheFault) {
  Experiment experiment("bulkhead { target: 'slow' others: 'other' }");
  for (int i = 0; i < 5; ++i) Pair(experiment, 50, 50);
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_PASS, experiment));
  EXPECT_EQ(experiment.Result().evidence(),
            "while `slow` was broken, 100.0 % of the others' calls were served as without the fault "
            "(at least 100.0 %, at most 100.0 %, by 5 pairs); 80.0 % is asked for");
}

TEST(Bulkhead, IsViolatedWhereOthersWait) {
  Experiment experiment("bulkhead { target: 'slow' }");
  for (int i = 0; i < 5; ++i) Pair(experiment, i % 2, 50);
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_FAIL, experiment));
}

TEST(Bulkhead, TakesAFewCallsBeforeAStandstillForNoThroughput) {
  Experiment experiment("bulkhead { target: 'slow' }");
  for (int i = 0; i < 5; ++i) Pair(experiment, 3, 50);
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_FAIL, experiment));
}

TEST(Bulkhead, IsOpenWithoutTheShadowArmAndWithTooFewPairs) {
  Experiment alone("bulkhead { target: 'slow' }");
  alone.Run(v1::ARM_TREATMENT, [](Story& story) { Beside(story, 50); });
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_INCONCLUSIVE, alone));
  EXPECT_NE(alone.Conclude().reason().find("--arms treatment,shadow"), std::string::npos);
  Experiment few("bulkhead { target: 'slow' }");
  Pair(few, 4, 5);
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_INCONCLUSIVE, few));
}

// A run under a fault that costs so many tokens, and its twin of 100.
void Costs(Experiment& experiment, uint64_t tokens, bool twin = true) {
  experiment.Run(v1::ARM_TREATMENT, [=](Story& story) {
    story.Call("model").mutable_usage()->set_input_tokens(tokens - 20);
    story.Inject("latency");
  });
  if (!twin) return;
  experiment.Run(v1::ARM_SHADOW, [](Story& story) { story.Call("model"); }, /*twin=*/true);
}

TEST(CostCeiling, OfEachRunIsTheDearest) {
  Experiment experiment("cost_ceiling { at_most: 2 }");
  Costs(experiment, 200);
  Costs(experiment, 100);
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_PASS, experiment));
  Costs(experiment, 201);
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_FAIL, experiment));
  EXPECT_EQ(experiment.Result().evidence(),
            "the dearest of 3 runs (index 3) cost 2.01 times as much as without faults; 2 is allowed");
}

TEST(CostCeiling, OfAShareNeedsRunsEnoughToTell) {
  const auto with = [](int runs, int dear) {
    Experiment experiment("cost_ceiling { at_most: 1.5 quantile: 0.5 }");
    for (int i = 0; i < runs; ++i) Costs(experiment, i < dear ? 900 : 100);
    return experiment;
  };
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_INCONCLUSIVE, with(6, 0)));
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_PASS, with(7, 0)));
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_FAIL, with(12, 12)));
}

TEST(CostCeiling, IsOpenWhereNothingShowsTheUsualCost) {
  Experiment experiment("cost_ceiling { at_most: 2 }");
  Costs(experiment, 100, /*twin=*/false);
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_INCONCLUSIVE, experiment));
  experiment.Run(v1::ARM_BASELINE, [](Story& story) { story.Call("model"); });
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_PASS, experiment));
}

// So many runs under these rules, of which so many come through.
void Under(Experiment& experiment, const std::vector<std::string>& rules, int runs, int good) {
  for (int i = 0; i < runs; ++i) {
    experiment.Run(v1::ARM_TREATMENT, [&](Story& story) {
      story.Call("model");
      for (const std::string& rule : rules) story.Inject("latency").set_rule(rule);
      if (rules.empty()) story.Inject("latency").set_rule("another");
      story.Report(i < good ? v1::TASK_STATE_CORRECT : v1::TASK_STATE_NONE, /*disclosed=*/true);
    });
  }
}

TEST(NoSynergy, IsViolatedByAPairThatBreaksWhatEachLeavesWhole) {
  Experiment experiment("no_synergy { rules: 'a' rules: 'b' }");
  Under(experiment, {}, 20, 20);
  Under(experiment, {"a"}, 20, 20);
  Under(experiment, {"b"}, 20, 19);
  Under(experiment, {"a", "b"}, 20, 2);
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_FAIL, experiment));
  EXPECT_NE(experiment.Result().evidence().find("19 of 20 with `b` alone, 2 of 20 with both"),
            std::string::npos);
}

TEST(NoSynergy, HoldsWhereHarmOnlyAddsUp) {
  Experiment experiment("no_synergy { rules: 'a' rules: 'b' }");
  Under(experiment, {}, 60, 60);
  Under(experiment, {"a"}, 60, 60);
  Under(experiment, {"b"}, 60, 60);
  Under(experiment, {"a", "b"}, 60, 60);
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_PASS, experiment));
}

TEST(NoSynergy, IsOpenWhileOneOfTheFourKindsIsMissing) {
  Experiment experiment("no_synergy { rules: 'a' rules: 'b' }");
  Under(experiment, {"a", "b"}, 20, 2);
  Under(experiment, {"a"}, 20, 20);
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_INCONCLUSIVE, experiment));
}

TEST(BackoffShape, IsTakenFromAllRuns) {
  Experiment experiment("backoff_shape { growth: GROWTH_EXPONENTIAL }");
  const auto waits = [&](const std::vector<int>& seconds) {
    experiment.Run(v1::ARM_TREATMENT, [&](Story& story) {
      story.Call("model");
      for (const int wait : seconds) {
        story.evidence.exchanges.back().mutable_duration()->set_nanos(0);
        story.Refuse(503);
        story.Wait(wait);
        story.Call("model", 1);
      }
    });
  };
  waits({1, 2});
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_INCONCLUSIVE, experiment));
  waits({1, 2, 4});
  waits({1, 2, 4});
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_PASS, experiment));
  // Nobody may look again and again until it fits.
  EXPECT_EQ(experiment.SoFar().verdict(), v1::VERDICT_CLASS_INCONCLUSIVE);
}

TEST(Together, WhatOneRunSaysByItselfCountsForNothing) {
  Experiment experiment("cost_ceiling { at_most: 2 }");
  Costs(experiment, 100);
  const v1::Conclusion conclusion = experiment.Conclude();
  EXPECT_EQ(conclusion.runs(), 1u);
  EXPECT_EQ(conclusion.violations(), 0u);
  EXPECT_EQ(conclusion.verdict(), v1::VERDICT_CLASS_PASS) << conclusion.reason();
}

TEST(Together, AViolationOfARunStaysOne) {
  Experiment experiment("cost_ceiling { at_most: 2 }");
  for (int i = 0; i < 20; ++i) {
    experiment.Run(v1::ARM_TREATMENT, [](Story& story) {
      story.Call("model");
      story.Inject("latency");
      story.Report(v1::TASK_STATE_WRONG);
      story.evidence.exit_code = 0;
    });
    experiment.Run(v1::ARM_SHADOW, [](Story& story) { story.Call("model"); }, /*twin=*/true);
  }
  EXPECT_TRUE(Is(v1::VERDICT_CLASS_FAIL, experiment));
}

}  // namespace
}  // namespace murphy::outcome
