// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/fault_script.h"

namespace murphy::test {
namespace {

TEST(LatencyTest, WaitsBeforeTheRequest) {
  FaultScript script("latency { fixed { seconds: 2 nanos: 500000000 } }");
  EXPECT_EQ(script.Request(), (Transcript{"Delay 2.5s"}));
  EXPECT_TRUE(script.Answer("x").actions.empty());
  EXPECT_EQ(script.fault().stage(), Stage::kLatency);
  EXPECT_EQ(script.Parameters(), R"({"delay":"2.5s","at":"request"})");
}

TEST(LatencyTest, WaitsBeforeTheFirstByte) {
  FaultScript script("latency { fixed { seconds: 1 } at: LATENCY_POINT_FIRST_BYTE }");
  EXPECT_TRUE(script.Request().empty());
  EXPECT_EQ(script.Answer("x").actions, (Transcript{"Delay 1s"}));
  EXPECT_EQ(script.fault().stage(), Stage::kTrailing);
}

TEST(LatencyTest, AWaitOfZeroIsNoOp) {
  FaultScript script("latency { fixed { } }");
  EXPECT_EQ(script.Request(), (Transcript{"no_op: the wait that was drawn is zero"}));
}

TEST(LatencyTest, WaitsForAPartOfTheClientsTimeout) {
  FaultScript script("latency { of_client_timeout: 1.1 }");
  EXPECT_TRUE(script.fault().needs().client_timeout);
  script.client_timeout = absl::Seconds(2);
  EXPECT_EQ(script.Request(), (Transcript{"Delay 2.2s"}));
  EXPECT_EQ(script.Parameters(), R"({"delay":"2.2s","at":"request","client_timeout":"2s"})");
}

TEST(LatencyTest, OfAClientTimeoutThatNobodyKnowsIsNoOp) {
  FaultScript script("latency { of_client_timeout: 0.9 at: LATENCY_POINT_FIRST_BYTE }");
  EXPECT_EQ(script.Answer("x").no_op,
            "the client's timeout is not known: it states none, and has not given up on this call "
            "before");
  EXPECT_EQ(script.Parameters(), R"({"at":"first_byte"})");
}

TEST(LatencyTest, OfALongClientTimeoutWaitsAnHourAtMost) {
  FaultScript script("latency { of_client_timeout: 100 }");
  script.client_timeout = absl::Minutes(10);
  EXPECT_EQ(script.Request(), (Transcript{"Delay 1h"}));
}

TEST(LatencyTest, ChangesOverTheCallsOrTheTimeOfItsRule) {
  FaultScript growing(
      "latency { ramp { start { seconds: 1 } end { seconds: 3 } over { calls: 4 } } }");
  EXPECT_TRUE(growing.fault().needs().elapsed);
  EXPECT_EQ(growing.Request(), (Transcript{"Delay 1s"}));
  growing.elapsed.calls = 2;
  EXPECT_EQ(growing.Request(), (Transcript{"Delay 2s"}));
  EXPECT_EQ(growing.Parameters(), R"({"delay":"2s","at":"request"})");
  growing.elapsed.calls = 400;
  EXPECT_EQ(growing.Request(), (Transcript{"Delay 3s"}));
  FaultScript shrinking(
      "latency { ramp { start { seconds: 8 } end {} over { time { seconds: 20 } } } }");
  shrinking.elapsed.time = absl::Seconds(5);
  EXPECT_EQ(shrinking.Request(), (Transcript{"Delay 6s"}));
  shrinking.elapsed.time = absl::Seconds(20);
  EXPECT_EQ(shrinking.Request(), (Transcript{"no_op: the wait that was drawn is zero"}));
}

absl::Duration Drawn(FaultScript& script) {
  const Transcript transcript = script.Request();
  absl::Duration delay;
  if (transcript.size() == 1 && transcript[0].starts_with("Delay ")) {
    EXPECT_TRUE(absl::ParseDuration(transcript[0].substr(6), &delay));
  }
  script.NextExchange();
  return delay;
}

std::vector<absl::Duration> Sorted(std::string_view fault, int count) {
  FaultScript script(fault);
  std::vector<absl::Duration> delays;
  for (int i = 0; i < count; ++i) {
    delays.push_back(Drawn(script));
  }
  std::sort(delays.begin(), delays.end());
  return delays;
}

TEST(LatencyTest, UniformStaysInItsRangeAndFillsIt) {
  const auto delays = Sorted("latency { uniform { min { seconds: 1 } max { seconds: 3 } } }", 500);
  EXPECT_GE(delays.front(), absl::Seconds(1));
  EXPECT_LE(delays.back(), absl::Seconds(3));
  EXPECT_LT(delays.front(), absl::Seconds(1.1));
  EXPECT_GT(delays.back(), absl::Seconds(2.9));
}

TEST(LatencyTest, NormalIsDrawnAgainBelowZeroAndAboveItsMaximum) {
  const auto delays = Sorted(
      "latency { normal { mean { seconds: 1 } stddev { seconds: 2 } max { seconds: 3 } } }", 500);
  EXPECT_GT(delays[1], absl::ZeroDuration());
  EXPECT_LT(delays[498], absl::Seconds(3)) << "nothing is piled up at the ends";
  EXPECT_NEAR(absl::ToDoubleSeconds(delays[250]), 1.38, 0.3);
}

TEST(LatencyTest, LognormalPassesThroughBothQuantiles) {
  const auto delays =
      Sorted("latency { lognormal { p50 { seconds: 1 } p99 { seconds: 10 } } }", 4000);
  EXPECT_NEAR(absl::ToDoubleSeconds(delays[2000]), 1.0, 0.1);
  EXPECT_NEAR(absl::ToDoubleSeconds(delays[3960]), 10.0, 2.0);
  EXPECT_LE(delays.back(), absl::Seconds(100));
}

TEST(LatencyTest, ExponentialHasItsMeanAndStaysBelowTenTimesIt) {
  const auto delays = Sorted("latency { exponential { mean { seconds: 1 } } }", 4000);
  absl::Duration sum;
  for (const absl::Duration delay : delays) {
    sum += delay;
  }
  EXPECT_NEAR(absl::ToDoubleSeconds(sum) / 4000, 1.0, 0.06);
  EXPECT_LE(delays.back(), absl::Seconds(10));
}

TEST(LatencyTest, WhatNeverFallsBelowTheMaximumIsCutThere) {
  const auto delays = Sorted(
      "latency { normal { mean { seconds: 900 } stddev { nanos: 1 } max { seconds: 1 } } }", 3);
  EXPECT_EQ(delays.front(), absl::Seconds(1));
}

TEST(LatencyTest, SameSeedSameWait) {
  FaultScript first("latency { exponential { mean { seconds: 1 } } }", 7);
  FaultScript second("latency { exponential { mean { seconds: 1 } } }", 7);
  FaultScript other("latency { exponential { mean { seconds: 1 } } }", 8);
  const absl::Duration delay = Drawn(first);
  EXPECT_EQ(delay, Drawn(second));
  EXPECT_NE(delay, Drawn(other));
}

}  // namespace
}  // namespace murphy::test
