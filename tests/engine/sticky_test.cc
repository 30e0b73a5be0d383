// SPDX-License-Identifier: Apache-2.0
// Chances that are drawn once for an operation, a session, an agent or a tenant.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "daemon/engine/triggers.h"
#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

std::string Half(std::string_view per) {
  return fmt::format(
      "rule {{ id: 'r' when {{ probability: 0.5 probability_per: '{}' }} fault {{ reset {{}} }} }}",
      per);
}

bool Hit(const Begun& begun) { return Fired(begun) == "r"; }

Shot Of(const std::string& header, const std::string& value, int n = 0) {
  Shot shot{.arguments = fmt::format("[{}]", n)};
  if (!value.empty()) shot.headers.push_back({header, value});
  return shot;
}

TEST(StickyChance, AnOperationIsBrokenForGoodOrNotAtAll) {
  World world(Half("operation"));
  int broken = 0;
  for (int n = 0; n < 200; ++n) {
    const Shot shot{.arguments = fmt::format("[{}]", n)};
    const Begun first = world.SendAndFail(shot);
    for (uint32_t attempt = 2; attempt <= 4; ++attempt) {
      const Begun again = world.SendAndFail(shot);
      ASSERT_EQ(again.attempt, attempt);
      EXPECT_EQ(Hit(again), Hit(first)) << again.address;
    }
    broken += Hit(first) ? 1 : 0;
  }
  EXPECT_GT(broken, 70);
  EXPECT_LT(broken, 130);
}

TEST(StickyChance, WithoutItEachAttemptHasItsOwn) {
  World world("rule { id: 'r' when { probability: 0.5 } fault { reset {} } }");
  int differ = 0;
  for (int n = 0; n < 100; ++n) {
    const Shot shot{.arguments = fmt::format("[{}]", n)};
    const bool first = Hit(world.SendAndFail(shot));
    differ += first != Hit(world.SendAndFail(shot)) ? 1 : 0;
  }
  EXPECT_GT(differ, 25);
}

TEST(StickyChance, ARevisedCallIsOfTheSameOperation) {
  World world(Half("operation"));
  int revisions = 0;
  for (int n = 0; n < 40; ++n) {
    const auto arguments = [n](std::string_view item) {
      return fmt::format("{{\"customer\":\"{:0>12}\",\"item\":\"{}\"}}", n * 7919, item);
    };
    const Begun first = world.Begin({.arguments = arguments("a")});
    // The tool itself finds fault with the call.
    world.Finish(first.sequence, {.failed = true, .status = 422});
    const Begun revised = world.Begin({.arguments = arguments("b")});
    world.Finish(revised.sequence);
    if (revised.revision == 0) continue;
    ++revisions;
    EXPECT_EQ(Hit(revised), Hit(first)) << first.address << " " << revised.address;
  }
  EXPECT_GT(revisions, 20) << "without revisions this proves nothing";
}

TEST(StickyChance, ATenantIsBrokenForGood) {
  World world(Half("header:X-Tenant"));
  std::map<std::string, bool> broken;
  for (int n = 0; n < 600; ++n) {
    const std::string tenant = fmt::format("tenant-{}", n % 60);
    const bool hit = Hit(world.Succeed(Of("x-tenant", tenant, n)));
    const auto [known, fresh] = broken.emplace(tenant, hit);
    EXPECT_EQ(known->second, hit) << tenant;
  }
  const auto count =
      std::count_if(broken.begin(), broken.end(), [](auto& one) { return one.second; });
  EXPECT_GT(count, 15);
  EXPECT_LT(count, 45);
}

TEST(StickyChance, LetsGoOfCallsWithoutTheHeader) {
  World world(
      "rule { id: 'r' when { probability: 1 probability_per: 'header:x-tenant' } fault { reset {} "
      "} }");
  EXPECT_FALSE(Hit(world.Succeed(Of("x-tenant", "", 1))));
  EXPECT_EQ(
      world.decider().Unreached()[0].detail(),
      "its probability selected none of those whom it is drawn for (`probability_per`), or no "
      "exchange named any");
  EXPECT_TRUE(Hit(world.Succeed(Of("x-tenant", "a", 2))));
}

TEST(StickyChance, SessionsAreDrawnInTheOrderInWhichTheyAppear) {
  const auto sessions = [](const std::string& prefix) {
    World world(Half("session"));
    std::string log;
    for (int n = 0; n < 90; ++n) {
      const std::string id = fmt::format("{}{}", prefix, n % 30);
      log += Hit(world.Succeed(Of("mcp-session-id", id, n))) ? '1' : '0';
    }
    EXPECT_EQ(log.substr(0, 30), log.substr(30, 30)) << "each is drawn once";
    EXPECT_NE(log.find('1'), std::string::npos);
    EXPECT_NE(log.find('0'), std::string::npos);
    return log;
  };
  EXPECT_EQ(sessions("aaa"), sessions("another")) << "their ids are new in each run";
}

TEST(StickyChance, AgentsAndRunsAreDrawnOnce) {
  World world(Half("agent"));
  std::map<std::string, bool> broken;
  for (int n = 0; n < 120; ++n) {
    const std::string agent = fmt::format("agent-{}", n % 40);
    const bool hit = Hit(world.Succeed({.arguments = fmt::format("[{}]", n), .agent = agent}));
    EXPECT_EQ(broken.emplace(agent, hit).first->second, hit);
  }
  std::set<bool> runs;
  const auto plan = PlanOf(Half("run"));
  for (uint32_t run = 0; run < 20; ++run) {
    World one(plan, run);
    const bool first = Hit(one.Succeed(Of("", "", 1)));
    for (int n = 2; n < 10; ++n) EXPECT_EQ(Hit(one.Succeed(Of("", "", n))), first);
    runs.insert(first);
  }
  EXPECT_EQ(runs.size(), 2u) << "some runs are broken and some are not";
}

TEST(StickyChance, WhoIsHitStaysHitWhileTheIntensityGrows) {
  World world(R"(rule { id: 'r' when { probability: 1 probability_per: 'header:x-tenant' }
                        intensity { ramp { over { calls: 200 } } } fault { reset {} } })");
  std::set<std::string> hit;
  for (int n = 0; n < 220; ++n) {
    const std::string tenant = fmt::format("{}", n % 10);
    const bool now = Hit(world.Succeed(Of("x-tenant", tenant, n)));
    EXPECT_TRUE(now || !hit.contains(tenant)) << "call " << n;
    if (now) hit.insert(tenant);
  }
  EXPECT_EQ(hit.size(), 10u);
}

TEST(StickyChance, NestsAndEachConditionHasItsOwnDraw) {
  World world(R"(rule { id: 'r'
    when { all { probability: 0.5 probability_per: 'operation' }
           all { probability: 0.5 probability_per: 'operation' } } fault { reset {} } })");
  int broken = 0;
  for (int n = 0; n < 400; ++n)
    broken += Hit(world.Succeed({.arguments = fmt::format("[{}]", n)})) ? 1 : 0;
  EXPECT_GT(broken, 60);
  EXPECT_LT(broken, 140) << "two draws that are the same would break half of them";
}

TEST(StickyChance, TheRecordHasADigestOfTheTenantAndNotItsName) {
  World world(Half("header:x-tenant"));
  const Begun begun = world.Begin(Of("x-tenant", "acme"));
  const auto input = world.Finish(begun.sequence);
  ASSERT_TRUE(input.has_value());
  ASSERT_EQ(input->carried_size(), 1);
  EXPECT_NE(input->carried(0).digest(), 0u);
  EXPECT_EQ(input->SerializeAsString().find("acme"), std::string::npos);
}

TEST(CountPer, GivesEachOperationSessionAndTenantItsOwnNumbers) {
  const auto second_of = [](std::string_view per) {
    return World(fmt::format(
        "rule {{ id: 'r' count_per: '{}' when {{ nth: 2 }} fault {{ reset {{}} }} }}", per));
  };
  World operations = second_of("operation");
  for (int n = 0; n < 3; ++n) {
    const Shot shot{.arguments = fmt::format("[{}]", n)};
    std::string log;
    for (int attempt = 0; attempt < 3; ++attempt) log += Fired(operations.SendAndFail(shot)) + ",";
    EXPECT_EQ(log, ",r,,");
  }
  for (const std::string header : {"x-murphy-session", "x-tenant"}) {
    World world = second_of(header == "x-tenant" ? "header:x-tenant" : "session");
    std::string log;
    for (int n = 0; n < 9; ++n)
      log += Fired(world.Succeed(Of(header, std::to_string(n % 3), n))) + ",";
    EXPECT_EQ(log, ",,,r,r,r,,,,") << header;
  }
}

TEST(CountPer, CallsWithoutTheHeaderAreCountedTogether) {
  World world("rule { id: 'r' count_per: 'header:x-tenant' when { nth: 2 } fault { reset {} } }");
  EXPECT_EQ(Fired(world.Succeed(Of("x-tenant", "", 1))), "");
  EXPECT_EQ(Fired(world.Succeed(Of("x-tenant", "a", 2))), "");
  EXPECT_EQ(Fired(world.Succeed(Of("x-tenant", "", 3))), "r");
}

TEST(CountPer, ForgetsTheOldestOperationsAndNoOthers) {
  World world(
      "guard { max_injections: 20000 } "
      "rule { id: 'r' count_per: 'operation' when { nth: 1 } fault { reset {} } }");
  const int most = static_cast<int>(Counters::kMostOperations);
  for (int n = 0; n < most + 10; ++n) {
    ASSERT_EQ(Fired(world.Succeed({.arguments = fmt::format("[{}]", n)})), "r")
        << "each operation counts from one, however many there were: " << n;
  }
}

}  // namespace
}  // namespace murphy::engine
