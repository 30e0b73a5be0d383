// SPDX-License-Identifier: Apache-2.0
#include "daemon/engine/triggers.h"

#include <gtest/gtest.h>

#include <set>

#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

// Different calls, so that each is an operation of its own.
Shot Distinct(int n) { return {.arguments = fmt::format("{{\"n\":{}}}", n)}; }

// Which of `calls` distinct calls a rule with this trigger fires on: `1 2 5`.
std::string Numbers(const std::string& rule, int calls) {
  World world(fmt::format("rule {{ id: 'r' {} fault {{ reset {{}} }} }}", rule));
  std::string numbers;
  for (int n = 1; n <= calls; ++n) {
    if (Fired(world.Succeed(Distinct(n))) == "r") numbers += fmt::format("{} ", n);
  }
  return numbers;
}

TEST(Counters, SelectByNumber) {
  EXPECT_EQ(Numbers("", 3), "1 2 3 ");
  EXPECT_EQ(Numbers("when {}", 3), "1 2 3 ");
  EXPECT_EQ(Numbers("when { first: 2 }", 5), "1 2 ");
  EXPECT_EQ(Numbers("when { nth: 3 }", 5), "3 ");
  EXPECT_EQ(Numbers("when { every: 3 }", 10), "3 6 9 ");
  EXPECT_EQ(Numbers("when { between: [2, 4] }", 6), "2 3 4 ");
}

TEST(Counters, AreAnded) {
  EXPECT_EQ(Numbers("when { first: 5 every: 2 }", 9), "2 4 ");
  EXPECT_EQ(Numbers("when { between: [3, 8] every: 3 first: 7 }", 9), "3 6 ");
  EXPECT_EQ(Numbers("when { nth: 4 every: 2 }", 9), "4 ");
}

TEST(Counters, CountOnlyTheTarget) {
  World world(R"(target { key: 't' value { name: 'shop.pay' } }
                 rule { id: 'r' target: 't' when { nth: 2 } fault { reset {} } })");
  EXPECT_EQ(Fired(world.Succeed({.name = "shop.pay"})), "");
  EXPECT_EQ(Fired(world.Succeed({.name = "shop.other"})), "");
  EXPECT_EQ(Fired(world.Succeed({.name = "shop.pay", .arguments = "[2]"})), "r");
}

TEST(Counters, CountAttemptsAsExchangesAndOnceAsOperations) {
  const auto fired = [](const std::string& count) {
    World world(
        fmt::format("rule {{ id: 'r' {} when {{ first: 2 }} fault {{ reset {{}} }} }}", count));
    std::string log;
    for (const int n : {1, 1, 1, 2, 2, 3}) log += Fired(world.SendAndFail(Distinct(n))) + ",";
    return log;
  };
  EXPECT_EQ(fired(""), "r,r,,,,,");
  EXPECT_EQ(fired("count: COUNT_UNIT_EXCHANGES"), "r,r,,,,,");
  EXPECT_EQ(fired("count: COUNT_UNIT_OPERATIONS"), "r,r,r,r,r,,");
}

TEST(Counters, ForgetOldOperationsOnly) {
  Counter counter(v1::COUNT_UNIT_OPERATIONS);
  for (uint64_t op = 1; op <= Counter::kRemembered + 1; ++op) EXPECT_EQ(counter.Number(op), op);
  EXPECT_EQ(counter.Number(2), 2u);
  EXPECT_EQ(counter.Number(1), Counter::kRemembered + 2);
}

TEST(Counters, CountForEachAgentOrCalledNameWhereTheRuleSaysSo) {
  const auto fired = [](const std::string& per) {
    World world(fmt::format("rule {{ id: 'r' {} when {{ nth: 2 }} fault {{ reset {{}} }} }}", per));
    std::string log;
    int n = 0;
    for (const auto& [agent, name] : std::vector<std::pair<std::string, std::string>>{
             {"a", "x"}, {"b", "x"}, {"a", "y"}, {"b", "y"}}) {
      log += Fired(world.Succeed(
                 {.name = name, .arguments = fmt::format("[{}]", ++n), .agent = agent})) +
             ",";
    }
    return log;
  };
  EXPECT_EQ(fired(""), ",r,,,");
  EXPECT_EQ(fired("count_per: 'run'"), ",r,,,");
  EXPECT_EQ(fired("count_per: 'agent'"), ",,r,r,");
  EXPECT_EQ(fired("count_per: 'target'"), ",r,,r,");
}

TEST(Counters, OfAnExperimentGoOnWhereTheRunBeforeHasEnded) {
  const auto plan = PlanOf(
      "rule { id: 'own' when { nth: 1 } fault { latency { fixed {} } } } "
      "rule { id: 'r' count_per: 'experiment' fault { latency { fixed {} } } "
      "  when { every: 3 any { nth: 2 } any { between: 4 between: 9 } } }");
  ASSERT_NE(plan->counts_over_runs(), nullptr);
  std::vector<v1::RuleCounts> counts;
  std::string log;
  for (uint32_t run = 0; run < 4; ++run) {
    World world(plan, run);
    world.decider().Continue(counts, 0);
    for (int call = 0; call < 3; ++call)
      log += Fired(world.Succeed({.arguments = fmt::format("[{}]", call)})) + ",";
    log += "|";
    counts = world.decider().Counts();
  }
  // Of all twelve calls, numbers 2 and 4 to 9 pass; every third of these is number 5 and 8.
  EXPECT_EQ(log, "own,,,|own,r,,|own,r,,|own,,,|");
  ASSERT_EQ(counts.size(), 1u);
  EXPECT_EQ(counts[0].rule(), "r");
  EXPECT_EQ(std::vector<uint64_t>(counts[0].numbers().begin(), counts[0].numbers().end()),
            (std::vector<uint64_t>{7, 12, 12}));
}

TEST(Counters, RememberABoundedNumberOfAgents) {
  const auto plan = PlanOf("rule { count_per: 'agent' fault { reset {} } }");
  Counters counters(plan->rules()[0]);
  constexpr uint64_t kMost = Counters::kMostHolders;
  for (uint64_t agent = 1; agent <= kMost; ++agent) EXPECT_EQ(counters.Number(0, {1, agent}), 1u);
  EXPECT_EQ(counters.Number(0, {1, 1}), 2u);
  EXPECT_EQ(counters.Number(0, {1, kMost + 1}), 1u);
  EXPECT_EQ(counters.Number(0, {1, kMost + 2}), 2u) << "they share a row";
}

TEST(Pattern, RepeatsOverWhatCountersCount) {
  EXPECT_EQ(Numbers("when { pattern: [PATTERN_STEP_FAIL, PATTERN_STEP_FAIL, PATTERN_STEP_OK] }", 8),
            "1 2 4 5 7 8 ");
  EXPECT_EQ(Numbers("when { first: 4 pattern: [PATTERN_STEP_OK, PATTERN_STEP_FAIL] }", 8), "2 4 ");
  EXPECT_EQ(Numbers("when { after { calls: 1 } pattern: [PATTERN_STEP_FAIL, PATTERN_STEP_OK] }", 6),
            "2 4 6 ");
}

TEST(Combination, OfAnyAllAndNone) {
  EXPECT_EQ(Numbers("when { any { nth: 2 } any { every: 3 } }", 6), "2 3 6 ");
  EXPECT_EQ(Numbers("when { all { every: 2 } all { between: [3, 8] } }", 9), "4 6 8 ");
  EXPECT_EQ(Numbers("when { none { first: 2 } none { nth: 4 } }", 5), "3 5 ");
  EXPECT_EQ(Numbers("when { any { all { every: 2 } none { nth: 4 } } any { nth: 5 } }", 6),
            "2 5 6 ");
}

TEST(Combination, ComesBeforeTheCountersOfItsParent) {
  EXPECT_EQ(Numbers("when { any { every: 2 } nth: 2 }", 6), "4 ");
}

TEST(Combination, CountsEachPartByItselfAfterThePredicatesOfItsParent) {
  // Were parts skipped once the answer is known, the second would count less.
  EXPECT_EQ(Numbers("when { any { first: 2 } any { nth: 4 } }", 6), "1 2 4 ");
  EXPECT_EQ(Numbers("when { after { calls: 2 } any { first: 1 } }", 6), "3 ");
}

TEST(Combination, DrawsEachPartByItself) {
  World world(
      "rule { id: 'r' when { all { probability: 0.5 } all { probability: 0.5 } } "
      "fault { reset {} } }");
  int fired = 0;
  for (int n = 0; n < 800; ++n) fired += Fired(world.Succeed(Distinct(n))) == "r" ? 1 : 0;
  EXPECT_NEAR(fired / 800.0, 0.25, 0.06);
}

TEST(Attempts, SelectATransientFault) {
  World world("rule { id: 'r' attempts: [1, 1] fault { reset {} } }");
  EXPECT_EQ(Fired(world.SendAndFail()), "r");
  EXPECT_EQ(Fired(world.SendAndFail()), "");
  EXPECT_EQ(Fired(world.SendAndFail(Distinct(2))), "r");
}

TEST(Attempts, AreLookedAtBeforeCounters) {
  World world("rule { id: 'r' attempts: [2, 3] when { nth: 2 } fault { reset {} } }");
  std::string log;
  for (const int n : {1, 1, 2, 1, 2}) log += Fired(world.SendAndFail(Distinct(n))) + ",";
  EXPECT_EQ(log, ",,,r,,") << "the second exchange that is a second or third attempt";
}

TEST(After, WaitsForProgressBeforeTheExchange) {
  EXPECT_EQ(Numbers("when { after { calls: 2 } }", 4), "3 4 ");
  EXPECT_EQ(Numbers("when { after { operations: 1 } first: 1 }", 4), "2 ");
}

TEST(After, CountsBeforeCountersDo) {
  EXPECT_EQ(Numbers("when { after { calls: 3 } nth: 2 }", 6), "5 ");
}

TEST(After, CountsInjectionsAndTokensAndOneTargetOnly) {
  World world(R"(
    target { key: 'm' value { kind: TARGET_KIND_MODEL } }
    target { key: 't' value { name: 'shop.*' } }
    rule { id: 'first' target: 'm' when { nth: 2 } fault { reset {} } }
    rule { id: 'then' target: 't' when { after { injections: 1 of: 'm' } } fault { reset {} } }
    rule { id: 'spent' target: 't' when { after { tokens: 50 of: 'm' } } fault { hang {} } })");
  EXPECT_EQ(Fired(world.Succeed(Model("a"), 30)), "");
  EXPECT_EQ(Fired(world.Succeed(Distinct(1), 100)), "");
  EXPECT_EQ(Fired(world.Succeed(Model("b"), 20)), "first");
  EXPECT_EQ(Fired(world.Succeed(Distinct(2))), "then (spent)");
}

TEST(After, MeasuresTimeFromTheFirstExchange) {
  World world("rule { id: 'r' when { after { time { seconds: 10 } } } fault { reset {} } }");
  world.now = absl::Seconds(100);
  EXPECT_EQ(Fired(world.Succeed(Distinct(1))), "");
  world.now = absl::Seconds(109);
  EXPECT_EQ(Fired(world.Succeed(Distinct(2))), "");
  world.now = absl::Seconds(110);
  EXPECT_EQ(Fired(world.Succeed(Distinct(3))), "r");
}

TEST(After, CountsBytesAndEventsOfAnswersThatHaveEnded) {
  World world(R"(
    rule { id: 'bytes' when { after { bytes: 100 } } fault { latency { fixed {} } } }
    rule { id: 'events' when { after { events: 3 } } fault { latency { fixed {} } } })");
  world.Finish(world.Begin(Distinct(1)).sequence, {.bytes = 99, .events = 2});
  EXPECT_EQ(Fired(world.Begin(Distinct(2))), "");
  world.Finish(2, {.bytes = 0, .events = 1});
  EXPECT_EQ(Fired(world.Begin(Distinct(3))), "events");
  world.Finish(3, {.bytes = 1});
  EXPECT_EQ(Fired(world.Begin(Distinct(4))), "bytes events");
}

TEST(After, IsAnded) { EXPECT_EQ(Numbers("when { after { calls: 2 tokens: 1 } }", 5), ""); }

TEST(Probability, IsAskedAfterCounters) {
  // Were the draw first, `first` would count lucky exchanges and fire ten times.
  World world("rule { id: 'r' when { first: 10 probability: 0.5 } fault { reset {} } }");
  int fired = 0;
  for (int n = 0; n < 200; ++n) fired += Fired(world.Succeed(Distinct(n))) == "r" ? 1 : 0;
  EXPECT_GT(fired, 0);
  EXPECT_LT(fired, 10);
}

TEST(Probability, FiresAtItsRate) {
  World world(
      "guard { max_injections: 100000 } "
      "rule { id: 'r' when { probability: 0.3 } fault { reset {} } }");
  int fired = 0;
  for (int n = 0; n < 4000; ++n) fired += Fired(world.Succeed(Distinct(n))) == "r" ? 1 : 0;
  EXPECT_NEAR(fired / 4000.0, 0.3, 0.03);
}

// Addresses at which a rule with a probability fires, for one order of calls of different shapes.
std::set<std::string> LuckyAddresses(const std::vector<int>& order, uint32_t run_index) {
  World world("rule { id: 'r' when { probability: 0.5 } fault { latency { fixed {} } } }",
              run_index);
  std::set<std::string> lucky;
  for (const int n : order) {
    const Begun begun =
        world.Succeed({.arguments = fmt::format("[{}]", n), .shape = fmt::format("shape{}", n)});
    if (!Fired(begun).empty()) lucky.insert(begun.address);
  }
  return lucky;
}

TEST(Probability, DoesNotDependOnTheOrderOfCallsOfDifferentShapes) {
  std::vector<int> forward, backward;
  for (int n = 0; n < 64; ++n) {
    forward.push_back(n);
    backward.insert(backward.begin(), n);
  }
  EXPECT_EQ(LuckyAddresses(forward, 3), LuckyAddresses(backward, 3));
  EXPECT_NE(LuckyAddresses(forward, 3), LuckyAddresses(forward, 4));
}

TEST(Probability, DrawsAnewForEachAttempt) {
  World world("rule { id: 'r' when { probability: 0.5 } fault { reset {} } }");
  std::set<std::string> seen;
  for (int n = 0; n < 64; ++n) seen.insert(Fired(world.SendAndFail()));
  EXPECT_EQ(seen.size(), 2u);
}

TEST(Unreached, TellsConditionsApart) {
  World world(R"(
    target { key: 'second' value { name: 'shop.second' } }
    rule { id: 'never' when { on { injection: 'where' } } fault { reset {} } }
    rule { id: 'over' target: 'second' fault { reset {} }
           when { on { call: CALL_MOMENT_BEGINS times: 1 within { calls: 1 } } } }
    rule { id: 'where' when { where { header: 'x' } } fault { reset {} } }
    rule { id: 'combination' when { any { nth: 9 } } fault { reset {} } })");
  world.Succeed();
  world.Succeed({.name = "shop.second"});
  std::string log;
  for (const v1::Injection& injection : world.decider().Unreached())
    log += fmt::format("{}: {}\n", injection.rule(), injection.detail());
  EXPECT_EQ(log,
            "never: what it waits for (`on`) never happened\n"
            "over: no exchange of its target while what it waits for (`on`) held\n"
            "where: no exchange of its target says what it looks for (`where`)\n"
            "combination: its `any`, `all` and `none` did not let an exchange through\n");
}

TEST(Unreached, SaysAtWhichStepARuleStopped) {
  World world(R"(
    target { key: 't' value { name: 'nobody' } }
    phase { name: 'a' until { calls: 5 } } phase { name: 'b' }
    rule { id: 'target' target: 't' fault { reset {} } }
    rule { id: 'phase' phase: 'b' fault { reset {} } }
    rule { id: 'attempts' attempts: [2, 2] fault { reset {} } }
    rule { id: 'after' when { after { calls: 9 } } fault { reset {} } }
    rule { id: 'counters' when { nth: 9 } fault { reset {} } }
    rule { id: 'inert' when { probability: 0 } fault { reset {} } }
    rule { id: 'limiter' fault { rate_limit { requests_per_minute: 60 } } }
    rule { id: 'limits' ttl { nanos: 1000000 } fault { reset {} } }
    rule { id: 'fired' fault { latency { fixed {} } } })");
  world.now = absl::Seconds(1);
  world.Succeed();
  std::string log;
  for (const v1::Injection& injection : world.decider().Unreached()) {
    EXPECT_EQ(injection.state(), v1::INJECTION_STATE_NEVER_REACHED);
    EXPECT_EQ(injection.exchange(), 0u);
    log += fmt::format("{} {} {}: {}\n", injection.id(), injection.rule(), injection.fault(),
                       injection.detail());
  }
  EXPECT_EQ(log,
            "2 target reset: no exchange of its target\n"
            "3 phase reset: its phase never began\n"
            "4 attempts reset: no such attempt\n"
            "5 after reset: the run did not come far enough\n"
            "6 counters reset: its counters selected none of the exchanges\n"
            "7 limiter rate_limit: its limit was never exceeded\n"
            "8 limits reset: its `ttl` was over\n");
}

}  // namespace
}  // namespace murphy::engine
