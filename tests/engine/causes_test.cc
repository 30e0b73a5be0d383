// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/causes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "daemon/scenario/intensity.h"
#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

Shot Distinct(int n) { return {.arguments = fmt::format("[{}]", n)}; }

Shot Call(std::string_view name, int n = 0) {
  return {.name = fmt::format("shop.{}", name), .arguments = fmt::format("[{}]", n)};
}

// One letter for each of `calls` exchanges: what fired, or a dot.
std::string Course(World& world, int calls, absl::Duration pace = absl::ZeroDuration()) {
  std::string log;
  for (int n = 0; n < calls; ++n) {
    const std::string fired = Fired(world.Succeed(Distinct(n)));
    log += fired.empty() ? "." : fired;
    world.now += pace;
  }
  return log;
}

std::string Following(std::string_view cause) {
  return fmt::format(
      "cause {{ key: 'region' value {{ {} }} }} "
      "rule {{ id: 'r' when {{ cause: 'region' }} fault {{ reset {{}} }} }}",
      cause);
}

v1::RealisedCause Came(World& world) {
  v1::Realised realised;
  world.decider().Realise(realised);
  return realised.causes(0);
}

TEST(WindowCause, IsOpenForSoManyCalls) {
  World world(Following("window { after { calls: 2 } lasting { calls: 3 } }"));
  EXPECT_EQ(Course(world, 8), "..rrr...");
  EXPECT_EQ(Came(world).steps_on(), 3u);
  EXPECT_EQ(Came(world).steps_off(), 5u);
}

TEST(WindowCause, IsOpenForATimeThatBeganInASilence) {
  World world(
      Following("window { after { time { seconds: 10 } } lasting { time { seconds: 5 } } }"));
  EXPECT_EQ(Course(world, 1), ".");
  world.now = absl::Seconds(14);
  EXPECT_EQ(Fired(world.Succeed(Distinct(1))), "r");
  world.now = absl::Seconds(15);
  EXPECT_EQ(Fired(world.Succeed(Distinct(2))), "") << "it began at 10 s, with or without a call";
}

TEST(WindowCause, StaysOpenWithoutAnEnd) {
  World world(Following("window { after { calls: 1 } }"));
  EXPECT_EQ(Course(world, 5), ".rrrr");
}

TEST(EventCause, IsOnForAsLongAsItsEventHolds) {
  World world(Following("on { response: RESPONSE_CLASS_FAILURE of: 'x' within { calls: 2 } }") +
              "target { key: 'x' value { name: 'shop.x' } }");
  EXPECT_EQ(Course(world, 2), "..");
  world.SendAndFail(Call("x"));
  EXPECT_EQ(Course(world, 4), "rr..");
}

TEST(MarkovCause, ComesInBursts) {
  World world(Following("markov { p_on: 0.1 p_off: 0.2 }"));
  const std::string course = Course(world, 2000);
  const auto on = std::count(course.begin(), course.end(), 'r');
  EXPECT_NEAR(static_cast<double>(on), 2000.0 / 3, 120) << "a third of the time";
  int bursts = 0;
  for (size_t i = 1; i < course.size(); ++i) bursts += course[i] == 'r' && course[i - 1] == '.';
  EXPECT_NEAR(static_cast<double>(on) / bursts, 5.0, 1.0) << "1 / p_off long";
  EXPECT_EQ(Came(world).steps_on(), static_cast<uint64_t>(on));
}

TEST(MarkovCause, IsDrawnByNameAndStepAlone) {
  const std::string one = Following("markov { p_on: 0.3 p_off: 0.3 }");
  World first(one), again(one), other(PlanOf(one), 1);
  const std::string course = Course(first, 200);
  // Other rules and other calls change nothing.
  World busy(
      std::string("rule { id: 'x' when { probability: 0.5 } fault { latency { fixed {} } } } ") +
      one);
  std::string with;
  for (int n = 0; n < 200; ++n)
    with += Fired(busy.Succeed(Distinct(n))).find('r') == std::string::npos ? "." : "r";
  EXPECT_EQ(Course(again, 200), course);
  EXPECT_EQ(with, course);
  EXPECT_NE(Course(other, 200), course) << "another run";
}

TEST(MarkovCause, IsSteppedByItsTargetOnly) {
  World world(Following("markov { p_on: 1 p_off: 1 of: 'x' }") +
              "target { key: 'x' value { name: 'shop.x' } }");
  EXPECT_EQ(Course(world, 2), "..");
  EXPECT_EQ(Fired(world.Succeed(Call("x", 1))), "r") << "stepped before it is decided";
  EXPECT_EQ(Course(world, 3), "rrr");
  EXPECT_EQ(Fired(world.Succeed(Call("x", 2))), "");
}

TEST(Followers, PassWithTheirChances) {
  World world(R"(
    guard { max_injections: 1000000 }
    cause { key: 'region' value { markov { p_on: 0.5 p_off: 0.5 } } }
    rule { id: 'r' when { cause: 'region' cause_on: 0.8 cause_off: 0.1 } fault { reset {} } })");
  Course(world, 4000);
  const v1::RealisedFollower follower = Came(world).followers(0);
  EXPECT_EQ(follower.on() + follower.off(), 4000u);
  EXPECT_NEAR(static_cast<double>(follower.fired_on()) / static_cast<double>(follower.on()), 0.8,
              0.03);
  EXPECT_NEAR(static_cast<double>(follower.fired_off()) / static_cast<double>(follower.off()), 0.1,
              0.03);
}

TEST(Followers, AreAskedBeforeCounters) {
  World world(R"(
    cause { key: 'region' value { window { after { calls: 3 } } } }
    rule { id: 'r' when { cause: 'region' first: 2 } fault { reset {} } })");
  EXPECT_EQ(Course(world, 7), "...rr..");
}

constexpr std::string_view kTwoTargets = R"(
  guard { max_injections: 1000000 }
  target { key: 'a' value { name: 'shop.a' } } target { key: 'b' value { name: 'shop.b' } } )";

std::optional<double> Correlation(std::string_view scenario) {
  World world(std::string(kTwoTargets) + std::string(scenario));
  for (int n = 0; n < 1000; ++n) {
    world.Succeed(Call("a", n));
    world.Succeed(Call("b", n));
  }
  const v1::RealisedCause cause = Came(world);
  EXPECT_EQ(cause.pairs_size(), 1);
  return cause.pairs(0).has_correlation() ? std::optional(cause.pairs(0).correlation())
                                          : std::nullopt;
}

TEST(Correlation, OfRulesThatFollowTheSameCauseIsHigh) {
  EXPECT_GT(*Correlation(R"(
    cause { key: 'region' value { markov { p_on: 0.02 p_off: 0.05 } } }
    rule { id: 'a' target: 'a' when { cause: 'region' cause_on: 0.95 } fault { reset {} } }
    rule { id: 'b' target: 'b' when { cause: 'region' cause_on: 0.95 } fault { reset {} } })"),
            0.75);
}

TEST(Correlation, OfRulesThatDoNotHeedTheCauseIsNone) {
  EXPECT_NEAR(*Correlation(R"(
    cause { key: 'region' value { markov { p_on: 0.02 p_off: 0.05 } } }
    rule { id: 'a' target: 'a' when { cause: 'region' cause_on: 0.3 cause_off: 0.3 } fault { reset {} } }
    rule { id: 'b' target: 'b' when { cause: 'region' cause_on: 0.3 cause_off: 0.3 } fault { reset {} } })"),
              0.0, 0.1);
}

TEST(Correlation, IsUndefinedWhereOneAlwaysDoesTheSame) {
  EXPECT_FALSE(Correlation(R"(
    cause { key: 'region' value { window { lasting { calls: 100000 } } } }
    rule { id: 'a' target: 'a' when { cause: 'region' } fault { reset {} } }
    rule { id: 'b' target: 'b' when { cause: 'region' } fault { reset {} } })"));
}

TEST(Correlation, IsKeptForSixteenRulesOfACause) {
  std::string scenario = "cause { key: 'region' value { window { lasting { calls: 1 } } } } ";
  for (int n = 0; n < 40; ++n)
    scenario += fmt::format(
        "rule {{ id: 'r{}' when {{ cause: 'region' }} fault {{ latency {{ fixed {{}} }} }} }} ", n);
  World world(scenario);
  world.Succeed();
  EXPECT_EQ(Came(world).followers_size(), 40);
  EXPECT_EQ(Came(world).pairs_size(), 16 * 15 / 2);
}

v1::Intensity Ramp(double start, double end, uint32_t calls) {
  v1::Intensity intensity;
  intensity.mutable_ramp()->set_start(start);
  intensity.mutable_ramp()->set_end(end);
  intensity.mutable_ramp()->mutable_over()->set_calls(calls);
  return intensity;
}

TEST(Intensity, RampsEvenlyAndStays) {
  const v1::Intensity ramp = Ramp(0.2, 1, 4);
  EXPECT_DOUBLE_EQ(scenario::FactorAt(ramp, {.calls = 0}), 0.2);
  EXPECT_DOUBLE_EQ(scenario::FactorAt(ramp, {.calls = 2}), 0.6);
  EXPECT_DOUBLE_EQ(scenario::FactorAt(ramp, {.calls = 4}), 1);
  EXPECT_DOUBLE_EQ(scenario::FactorAt(ramp, {.calls = 1000}), 1);
  EXPECT_DOUBLE_EQ(scenario::FactorAt(Ramp(1, 0, 4), {.calls = 3}), 0.25) << "down as well";
}

TEST(Intensity, PulsesInTime) {
  v1::Intensity intensity;
  intensity.mutable_pulse()->mutable_width()->mutable_time()->set_seconds(2);
  intensity.mutable_pulse()->mutable_period()->mutable_time()->set_seconds(10);
  intensity.mutable_pulse()->set_low(0.25);
  const auto at = [&](int seconds) {
    return scenario::FactorAt(intensity, {.time = absl::Seconds(seconds)});
  };
  EXPECT_DOUBLE_EQ(at(0), 1);
  EXPECT_DOUBLE_EQ(at(2), 0.25);
  EXPECT_DOUBLE_EQ(at(9), 0.25);
  EXPECT_DOUBLE_EQ(at(1'000'001), 1);
  EXPECT_TRUE(scenario::DependsOnTime(intensity));
  EXPECT_FALSE(scenario::DependsOnTime(Ramp(0, 1, 2)));
}

TEST(Intensity, WavesUpAndDown) {
  v1::Intensity intensity;
  intensity.mutable_wave()->mutable_period()->set_calls(8);
  intensity.mutable_wave()->set_high(0.5);
  const auto at = [&](uint64_t calls) { return scenario::FactorAt(intensity, {.calls = calls}); };
  EXPECT_NEAR(at(0), 0, 1e-12);
  EXPECT_NEAR(at(2), 0.25, 1e-12);
  EXPECT_NEAR(at(4), 0.5, 1e-12);
  EXPECT_NEAR(at(6), 0.25, 1e-12);
  EXPECT_NEAR(at(8), 0, 1e-12);
}

TEST(Intensity, CountsExchangesOfTheTargetSinceThePhaseBegan) {
  World world(R"(
    target { key: 'a' value { name: 'shop.a' } }
    phase { name: 'p' until { calls: 6 } next: 'p' }
    rule { id: 'r' target: 'a' phase: 'p' fault { reset {} }
           intensity { pulse { width { calls: 1 } period { calls: 100 } } } })");
  std::string log;
  for (int n = 0; n < 12; ++n) {
    const std::string fired = Fired(world.Succeed(Call(n % 3 == 0 ? "b" : "a", n)));
    log += fired.empty() ? "." : fired;
  }
  EXPECT_EQ(log, ".r.....r....") << "the first call of `a` in each round";
}

TEST(Intensity, MultipliesTheProbability) {
  const auto fires = [](std::string_view rule) {
    World world(fmt::format(
        "guard {{ max_injections: 9999 }} rule {{ id: 'r' {} fault {{ reset {{}} }} }}", rule));
    const std::string course = Course(world, 2000);
    return std::count(course.begin(), course.end(), 'r');
  };
  const std::string half = "intensity { ramp { start: 0.5 end: 0.501 over { calls: 1 } } }";
  EXPECT_NEAR(static_cast<double>(fires(half)), 1000, 80);
  EXPECT_NEAR(static_cast<double>(fires("when { probability: 0.4 } " + half)), 400, 60);
}

struct Wrong {
  std::string_view scenario;
  std::string_view path;
  std::string_view words;
};

constexpr std::string_view kRegion =
    "cause { key: 'region' value { window { lasting { calls: 1 } } } } ";

constexpr Wrong kWrong[] = {
    {"rule { when { cause: 'regoin' } fault { reset {} } } rule { when { cause: 'region' } fault { "
     "reset {} } }",
     "rule[0].when.cause", "did you mean `region`"},
    {"", "cause.region", "no rule follows it"},
    {"rule { when { cause: 'region' } fault { reset {} } } rule { when { cause_on: 1 } fault { "
     "reset {} } }",
     "rule[1].when.cause_on", "follows nothing"},
    {"rule { when { cause: 'region' cause_on: 0 } fault { reset {} } }", "rule[0].when.cause_on",
     "never fire"},
    {"rule { when { cause: 'region' any { cause: 'regoin' } } fault { reset {} } }",
     "rule[0].when.any[0].cause", "did you mean `region`?"},
    {"rule { when { cause: 'region' } fault { reset {} } intensity { ramp { start: 0.5 end: 0.5 "
     "over { calls: 1 } } } }",
     "rule[0].intensity.ramp", "changes nothing"},
    {"rule { when { cause: 'region' } fault { reset {} } intensity { wave { high: 0 period { "
     "calls: 2 } } } }",
     "rule[0].intensity.wave", "never fire"},
    {"rule { when { cause: 'region' } fault { reset {} } intensity { pulse { width { calls: 5 } "
     "period { calls: 5 } } } }",
     "rule[0].intensity.pulse.width", "shorter than `period`"},
    {"rule { when { cause: 'region' } fault { reset {} } intensity { pulse { width { calls: 5 } "
     "period { time { seconds: 5 } } } } }",
     "rule[0].intensity.pulse.width", "both in calls, or both in time"},
};

TEST(Causes, AndIntensitiesThatCannotWorkAreMistakesWithTheirPlace) {
  for (const Wrong& wrong : kWrong) {
    std::vector<Mistake> mistakes;
    const std::string text = std::string(kRegion) + std::string(wrong.scenario);
    EXPECT_EQ(Plan::Compile(Scenario(text), 1, mistakes), nullptr) << wrong.scenario;
    ASSERT_EQ(mistakes.size(), 1u) << wrong.scenario;
    EXPECT_EQ(mistakes[0].path, wrong.path);
    EXPECT_NE(mistakes[0].message.find(wrong.words), std::string::npos) << mistakes[0].message;
  }
}

TEST(CauseInConditions, IsOneOfSeveralReasons) {
  World world(R"(
    cause { key: 'x' value { window { after { calls: 2 } lasting { calls: 2 } } } }
    cause { key: 'y' value { window { after { calls: 5 } } } }
    rule { id: 'any' when { any { cause: 'x' } any { cause: 'y' } } fault { latency { fixed {} } } }
    rule { id: 'none' when { none { cause: 'x' } none { cause: 'y' } }
           fault { latency { fixed {} } } }
    rule { id: 'both' when { cause: 'x' all { cause: 'y' cause_off: 1 } }
           fault { latency { fixed {} } } })");
  std::string log;
  for (int n = 0; n < 7; ++n)
    log += Fired(world.Succeed({.arguments = fmt::format("[{}]", n)})) + ",";
  EXPECT_EQ(log, "none,none,any both,any both,none,any,any,");
}

TEST(CauseInConditions, IsDrawnForEachConditionByItself) {
  World world(R"(
    cause { key: 'x' value { window { lasting { calls: 1000 } } } }
    rule { id: 'r' when { all { cause: 'x' cause_on: 0.5 } all { cause: 'x' cause_on: 0.5 } }
           fault { latency { fixed {} } } })");
  int fired = 0;
  for (int n = 0; n < 400; ++n)
    fired += Fired(world.Succeed({.arguments = fmt::format("[{}]", n)})).empty() ? 0 : 1;
  EXPECT_NEAR(fired, 100, 35);
}

}  // namespace
}  // namespace murphy::engine
