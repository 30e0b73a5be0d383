// SPDX-License-Identifier: Apache-2.0
// Rules with several faults, and values that change.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

Shot Distinct(int n) { return {.arguments = fmt::format("[{}]", n)}; }

// The status, or the fault's name, of what fires first on the exchange; `-` for nothing.
std::string What(const Begun& begun) {
  for (const Decision& decision : begun.decisions) {
    if (!Acts(decision.state)) continue;
    const Scope scope{.state = decision.exchange_state.get(), .draw = decision.draw, .now = {}};
    const std::string parameters = decision.fault().Parameters(scope);
    const size_t code = parameters.find("\"code\":");
    return code == std::string::npos ? decision.variant->fault_name
                                     : parameters.substr(code + 7, 3);
  }
  return "-";
}

constexpr std::string_view kEither = R"(
  one_of { weight: 3 fault { status { code: 503 } } } one_of { fault { reset {} } })";

std::string Either(std::string_view more = "") {
  return fmt::format("rule {{ id: 'r' {} {} }}", kEither, more);
}

TEST(OneOf, IsDrawnByWeight) {
  World world(Either());
  std::map<std::string, int> seen;
  for (int n = 0; n < 800; ++n) ++seen[What(world.Succeed(Distinct(n)))];
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_NEAR(seen["503"], 600, 60);
  EXPECT_NEAR(seen["reset"], 200, 60);
}

TEST(OneOf, IsDrawnForEachAttemptUnlessItSaysOtherwise) {
  const auto changes = [](World world) {
    int changed = 0;
    for (int n = 0; n < 200; ++n) {
      const std::string first = What(world.SendAndFail(Distinct(n)));
      changed += What(world.SendAndFail(Distinct(n))) != first ? 1 : 0;
    }
    return changed;
  };
  EXPECT_GT(changes(World(Either())), 40);
  EXPECT_EQ(changes(World(Either("one_of_per: 'operation'"))), 0);
}

TEST(OneOf, IsDrawnOnceForARun) {
  const auto plan = PlanOf(Either("one_of_per: 'run'"));
  std::set<std::string> drawn;
  for (uint32_t run = 0; run < 30; ++run) {
    World world(plan, run);
    const std::string first = What(world.Succeed(Distinct(0)));
    for (int n = 1; n < 20; ++n) EXPECT_EQ(What(world.Succeed(Distinct(n))), first);
    drawn.insert(first);
  }
  EXPECT_EQ(drawn, (std::set<std::string>{"503", "reset"}));
}

TEST(OneOf, OfTenantsIsDrawnForEach) {
  World world(Either("one_of_per: 'header:x-tenant'"));
  std::map<std::string, std::set<std::string>> drawn;
  for (int n = 0; n < 200; ++n) {
    Shot shot = Distinct(n);
    const std::string tenant = std::to_string(n % 20);
    shot.headers.push_back({"x-tenant", tenant});
    drawn[tenant].insert(What(world.Succeed(shot)));
  }
  std::set<std::string> all;
  for (const auto& [tenant, faults] : drawn) {
    EXPECT_EQ(faults.size(), 1u) << tenant;
    all.insert(faults.begin(), faults.end());
  }
  EXPECT_EQ(all.size(), 2u);
}

TEST(OneOf, ActsInTheOrderOfTheFaultThatIsDrawn) {
  // `a` draws a wait or a reset, and `b` answers with a status: only one of the last two can act.
  World world(R"(rule { id: 'a' one_of { fault { latency { fixed { seconds: 1 } } } }
                                one_of { fault { reset {} } } }
                 rule { id: 'b' fault { status { code: 500 } } })");
  std::set<std::string> seen;
  for (int n = 0; n < 40; ++n) seen.insert(Fired(world.Succeed(Distinct(n))));
  EXPECT_EQ(seen, (std::set<std::string>{"a b", "a (b)"}));
}

TEST(OneOf, KeepsALimiterForEachOfItsFaults) {
  World world(R"(rule { id: 'r' one_of { fault { rate_limit { concurrent: 1 } } }
                                one_of { weight: 0.000001 fault { reset {} } } })");
  const Begun first = world.Begin(Distinct(1));
  EXPECT_EQ(Fired(first), "?r") << "there was room";
  EXPECT_EQ(Fired(world.Begin(Distinct(2))), "r");
  world.Finish(first.sequence);
  EXPECT_EQ(Fired(world.Begin(Distinct(3))), "?r") << "the limiter learns that the first has ended";
}

TEST(OneOf, IsNamedWhenItWasNeverReached) {
  World world(fmt::format("rule {{ id: 'r' when {{ nth: 9 }} {} }}", kEither));
  world.Succeed(Distinct(1));
  EXPECT_EQ(world.decider().Unreached()[0].fault(), "status or reset");
}

TEST(ByAttempt, TakesTheFaultOfTheAttemptAndStaysWithTheLast) {
  World world(R"(rule { id: 'r' by_attempt { fault { status { code: 503 } } }
                                by_attempt { fault { status { code: 502 } } }
                                by_attempt { fault { status { code: 429 } } } })");
  for (int n = 0; n < 3; ++n) {
    std::string log;
    for (int attempt = 0; attempt < 5; ++attempt) log += What(world.SendAndFail(Distinct(n))) + " ";
    EXPECT_EQ(log, "503 502 429 429 429 ");
  }
}

TEST(ByAttempt, EndsWithItsAttempts) {
  World world(R"(rule { id: 'r' attempts: [1, 2] by_attempt { fault { status { code: 503 } } }
                                by_attempt { fault { reset {} } } })");
  std::string log;
  for (int attempt = 0; attempt < 4; ++attempt) log += What(world.SendAndFail(Distinct(1))) + " ";
  EXPECT_EQ(log, "503 reset - - ");
}

TEST(Failures, FailTheFirstAttemptsOfEachOperationAsManyAsAreDrawnForIt) {
  World world("rule { id: 'r' failures: [0, 3] fault { status { code: 503 } } }");
  std::map<int, int> operations;
  for (int n = 0; n < 200; ++n) {
    std::string log;
    for (int attempt = 0; attempt < 5; ++attempt)
      log += Fired(world.SendAndFail(Distinct(n))).empty() ? '.' : 'x';
    const size_t failures = log.find('.');
    ASSERT_NE(failures, std::string::npos);
    EXPECT_EQ(log.find('x', failures), std::string::npos)
        << log << ": the first ones, without a gap";
    ++operations[static_cast<int>(failures)];
  }
  ASSERT_EQ(operations.size(), 4u);
  for (const auto& [failures, count] : operations) EXPECT_NEAR(count, 50, 25) << failures;
}

TEST(Failures, AreTheSameAgainWithTheSameSeedAndOtherwiseNot) {
  const auto played = [](uint64_t seed) {
    World world(PlanOf("rule { id: 'r' failures: [0, 3] fault { status { code: 503 } } }", seed));
    std::string log;
    for (int n = 0; n < 20; ++n) {
      for (int attempt = 0; attempt < 4; ++attempt)
        log += Fired(world.SendAndFail(Distinct(n))).empty() ? '.' : 'x';
    }
    return log;
  };
  EXPECT_EQ(played(1), played(1));
  EXPECT_NE(played(1), played(2));
}

std::string Delay(const Begun& begun) {
  if (begun.decisions.empty()) return "-";
  const Decision& decision = begun.decisions.front();
  const Scope scope{.draw = decision.draw, .now = {}, .elapsed = decision.elapsed};
  return decision.fault().Parameters(scope);
}

TEST(ChangingLatency, GrowsOverTheCallsOfItsPhase) {
  World world(R"(phase { name: 'calm' until { calls: 2 } } phase { name: 'slow' }
    rule { id: 'r' phase: 'slow' fault {
      latency { ramp { start { seconds: 1 } end { seconds: 3 } over { calls: 4 } } } } })");
  std::string log;
  for (int n = 0; n < 9; ++n) {
    const std::string delay = Delay(world.Succeed(Distinct(n)));
    const size_t at = delay.find("\"delay\":\"");
    log += at == std::string::npos ? "- "
                                   : delay.substr(at + 9, delay.find('s', at + 9) - at - 8) + " ";
  }
  EXPECT_EQ(log, "- - 1s 1.5s 2s 2.5s 3s 3s 3s ");
}

TEST(ChangingLatency, GrowsWithTheTimeOfTheRun) {
  World world(R"(rule { id: 'r' fault { latency { ramp { end { seconds: 10 }
                                                        over { time { seconds: 20 } } } } } })");
  world.now = absl::Seconds(100);
  EXPECT_NE(Delay(world.Succeed(Distinct(1))).find("\"delay\":\"0s\""), std::string::npos);
  world.now = absl::Seconds(110);
  EXPECT_NE(Delay(world.Succeed(Distinct(2))).find("\"delay\":\"5s\""), std::string::npos);
}

TEST(SeveralTargets, ShareOneLimiterAndOneCount) {
  constexpr std::string_view kTargets = R"(
    target { key: 'a' value { name: 'shop.a' } } target { key: 'b' value { name: 'shop.b' } }
    target { key: 'both' value { name: ['shop.a', 'shop.b'] } })";
  World limited(
      fmt::format("{} rule {{ id: 'r' target: ['a', 'b'] fault {{ rate_limit {{ "
                  "requests_per_minute: 2 }} }} }}",
                  kTargets));
  EXPECT_EQ(Fired(limited.Begin({.name = "shop.a"})), "?r");
  EXPECT_EQ(Fired(limited.Begin({.name = "shop.b"})), "?r");
  EXPECT_EQ(Fired(limited.Begin({.name = "shop.a", .arguments = "[2]"})), "r");
  EXPECT_EQ(Fired(limited.Begin({.name = "shop.c"})), "");
  // An exchange of two of its targets is counted once.
  World counted(
      fmt::format("{} rule {{ id: 'r' target: ['a', 'both'] when {{ every: 2 }} fault {{ "
                  "reset {{}} }} }}",
                  kTargets));
  std::string log;
  for (int n = 0; n < 4; ++n)
    log += Fired(counted.Succeed({.name = "shop.a", .arguments = fmt::format("[{}]", n)})) + ",";
  EXPECT_EQ(log, ",r,,r,");
}

TEST(SeveralTargets, AnInjectionNamesTheOneThatWasCalled) {
  World world(R"(
    target { key: 'a' value { name: 'shop.a' } } target { key: 'b' value { name: 'shop.b' } }
    rule { id: 'r' target: ['a', 'b'] when { between: [1, 2] } fault { reset {} } }
    rule { id: 'never' target: ['a', 'b'] when { nth: 9 } fault { reset {} } })");
  EXPECT_EQ(world.Succeed({.name = "shop.b"}).decisions[0].target, "b");
  EXPECT_EQ(world.Succeed({.name = "shop.a"}).decisions[0].target, "a");
  EXPECT_EQ(world.decider().Unreached()[0].target(), "a, b");
}

}  // namespace
}  // namespace murphy::engine
