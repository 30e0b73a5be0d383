// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/scenario/glob.h"
#include "fmt/format.h"
#include "tests/scenario/plans.h"

namespace murphy::scenario {
namespace {

TEST(Glob, MatchesWholeNamesWithCase) {
  struct Case {
    const char* pattern;
    const char* text;
    bool matches;
  };
  for (const Case& c : std::vector<Case>{
           {"gpt-4o", "gpt-4o", true},
           {"gpt-4o", "gpt-4o-mini", false},
           {"gpt-4o", "gpt-4", false},
           {"gpt-*", "gpt-", true},
           {"gpt-*", "GPT-4", false},
           {"*.charge", "pay.charge", true},
           {"*.charge", "charge", false},
           {"a*b*c", "a-b-b-c", true},
           {"a*b*c", "a-b-b-d", false},
           {"?", "ü", true},
           {"??", "ü", false},
           {"a?c", "abc", true},
           {"a?c", "ac", false},
           {"*", "", true},
           {"", "", true},
           {"", "a", false},
           {"*a*a*a*", "aa", false},
           {"*a*a*a*", "banana", true},
           {"a*", "b", false},
           {"*?", "", false},
       }) {
    EXPECT_EQ(Glob(c.pattern).Matches(c.text), c.matches) << c.pattern << " on " << c.text;
  }
}

TEST(Glob, DoesNotExplodeOnHostileTexts) {
  const Glob glob("*a*a*a*a*a*a*a*a*a*a*b");
  EXPECT_FALSE(glob.Matches(std::string(20'000, 'a')));
}

std::string TargetsOf(const Plan& plan, const Shot& shot) {
  const message::Call call = CallOf(shot);
  const Subject subject{
      .call = call, .route = shot.route, .agent = shot.agent, .method = "POST", .path = "/pay"};
  std::string names;
  for (const uint32_t target : plan.TargetsOf(subject)) names += plan.targets()[target].name + " ";
  return names;
}

std::string RulesFor(const Plan& plan, const Shot& shot) {
  const message::Call call = CallOf(shot);
  const Subject subject{
      .call = call, .route = shot.route, .agent = shot.agent, .method = "POST", .path = "/pay"};
  std::string ids;
  for (const uint32_t rule : plan.RulesFor(subject, plan.TargetsOf(subject))) {
    ids += plan.rules()[rule].id + " ";
  }
  return ids;
}

TEST(TargetsOf, AndsItsKeys) {
  const auto plan = PlanOf(R"(
    target { key: 'agent' value { agent: 'plan*' } }
    target { key: 'exact' value { name: 'shop.pay' } }
    target { key: 'glob' value { name: 'shop.*' method: 'POST' } }
    target { key: 'method' value { method: 'GET' } }
    target { key: 'model' value { model: 'gpt-*' } }
    target { key: 'other' value { name: 'shop.pay' route: 'bank' } }
    target { key: 'path' value { path: '/p*' kind: TARGET_KIND_TOOL } }
    target { key: 'twin' value { name: 'shop.pay' role: TARGET_ROLE_READ } })");
  EXPECT_EQ(TargetsOf(*plan, {}), "exact glob path twin ");
  EXPECT_EQ(TargetsOf(*plan, {.agent = "planner"}), "agent exact glob path twin ");
  EXPECT_EQ(TargetsOf(*plan, {.route = "bank"}), "exact glob other path twin ");
  EXPECT_EQ(TargetsOf(*plan, Model("gpt-5")), "model ");
  EXPECT_EQ(TargetsOf(*plan, {.name = "gpt-5"}), "path ") << "a tool has no model";
}

TEST(TargetsOf, TakesPlainHttpCallsForCallsToTools) {
  const auto plan = PlanOf(R"(
    target { key: 'http' value { kind: TARGET_KIND_HTTP } }
    target { key: 'model' value { kind: TARGET_KIND_MODEL } }
    target { key: 'tool' value { kind: TARGET_KIND_TOOL } })");
  EXPECT_EQ(TargetsOf(*plan, {.kind = v1::TARGET_KIND_HTTP}), "http tool ");
  EXPECT_EQ(TargetsOf(*plan, {.kind = v1::TARGET_KIND_TOOL}), "http tool ");
  EXPECT_EQ(TargetsOf(*plan, Model("m")), "http model ");
}

TEST(TargetsOf, LeavesHandshakesToTargetsThatNameThem) {
  const auto plan = PlanOf(R"(
    target { key: 'all' value {} }
    target { key: 'any-name' value { name: '*' } }
    target { key: 'http' value { kind: TARGET_KIND_HTTP } }
    target { key: 'mcp' value { kind: TARGET_KIND_MCP } }
    target { key: 'named' value { name: 'tools/*' } })");
  EXPECT_EQ(TargetsOf(*plan, {.kind = v1::TARGET_KIND_MCP, .name = "tools/list"}), "mcp named ");
  EXPECT_EQ(TargetsOf(*plan, {.kind = v1::TARGET_KIND_MCP, .name = "initialize"}), "mcp ");
  EXPECT_EQ(TargetsOf(*plan, {}), "all any-name http ");
}

TEST(TargetsOf, NeverMatchesTelemetry) {
  const auto plan = PlanOf("target { key: 'all' value { name: '*' } } rule { fault { reset {} } }");
  EXPECT_EQ(TargetsOf(*plan, {.telemetry = true}), "");
  EXPECT_EQ(RulesFor(*plan, {.telemetry = true}), "");
}

TEST(RulesFor, GivesRulesInFileOrderWhateverTheirTargets) {
  const auto plan = PlanOf(R"(
    target { key: 'a' value { name: 'shop.*' } }
    target { key: 'b' value { name: 'shop.pay' } }
    target { key: 'c' value { name: 'shop.refund' } }
    rule { id: 'r1' target: 'b' fault { reset {} } }
    rule { id: 'r2' fault { reset {} } }
    rule { id: 'r3' target: 'a' fault { reset {} } }
    rule { id: 'r4' target: 'c' fault { reset {} } }
    rule { id: 'r5' target: 'b' fault { reset {} } })");
  EXPECT_EQ(RulesFor(*plan, {}), "r1 r2 r3 r5 ");
  EXPECT_EQ(RulesFor(*plan, Model("m")), "r2 ");
}

TEST(RulesFor, SelectsOnlyWhatTheFaultCanActOn) {
  const auto plan = PlanOf(R"(
    target { key: 'all' value {} }
    rule { id: 'model' fault { provider_error { kind: ERROR_KIND_OVERLOADED } } }
    rule { id: 'tool' fault { tool_error {} } }
    rule { id: 'model-of-all' target: 'all' fault { length_stop {} } }
    rule { id: 'any' fault { reset {} } })");
  EXPECT_EQ(RulesFor(*plan, Model("m")), "model model-of-all any ");
  EXPECT_EQ(RulesFor(*plan, {}), "tool any ");
  EXPECT_EQ(RulesFor(*plan, {.kind = v1::TARGET_KIND_HTTP}), "tool any ");
  EXPECT_EQ(RulesFor(*plan, {.kind = v1::TARGET_KIND_MCP}), "");
}

TEST(RulesFor, TakesProbabilityZeroForNoRule) {
  const auto plan = PlanOf(R"(
    rule { id: 'never' when { probability: 0 } fault { reset {} } }
    rule { id: 'absent' when { first: 1 } fault { reset {} } }
    rule { id: 'always' when { probability: 1 } fault { reset {} } })");
  EXPECT_EQ(RulesFor(*plan, {}), "absent always ");
}

TEST(TargetsOf, TakesListsOfPatternsAndLeavesOutWhatIsExcluded) {
  const auto plan = PlanOf(R"(
    target { key: 'exact' value { name: ['shop.a', 'shop.b'] } }
    target { key: 'most' value { name: 'shop.*' excluded { name: ['shop.b', 'shop.c*'] } } }
    target { key: 'two' value { name: ['shop.a', 'bank.*'] agent: ['x', 'y'] } }
    target { key: 'unless' value { name: 'shop.*' excluded { name: 'shop.a' agent: 'x' }
                                                  excluded { route: 'back*' } } })");
  EXPECT_EQ(TargetsOf(*plan, {.name = "shop.a"}), "exact most unless ");
  EXPECT_EQ(TargetsOf(*plan, {.name = "shop.b"}), "exact unless ");
  EXPECT_EQ(TargetsOf(*plan, {.name = "shop.c2"}), "unless ");
  EXPECT_EQ(TargetsOf(*plan, {.name = "shop.a", .agent = "x"}), "exact most two ")
      << "the keys of one table are ANDed";
  EXPECT_EQ(TargetsOf(*plan, {.name = "bank.z", .agent = "y"}), "two ");
  EXPECT_EQ(TargetsOf(*plan, {.name = "shop.d", .route = "backup"}), "most ");
}

TEST(TargetsOf, LeavesHandshakesOutOfListsInWhichOnlyAWildcardMeetsThem) {
  const auto plan = PlanOf("target { key: 'a' value { name: ['*', 'tools/list'] } }");
  EXPECT_EQ(TargetsOf(*plan, {.kind = v1::TARGET_KIND_MCP, .name = "tools/list"}), "a ");
  EXPECT_EQ(TargetsOf(*plan, {.kind = v1::TARGET_KIND_MCP, .name = "initialize"}), "");
}

TEST(RulesFor, GivesARuleOfSeveralTargetsOnce) {
  const auto plan = PlanOf(R"(
    target { key: 'a' value { name: 'shop.*' } }
    target { key: 'b' value { name: 'shop.pay' } }
    rule { id: 'r1' target: ['b', 'a'] fault { reset {} } }
    rule { id: 'r2' target: 'a' fault { reset {} } })");
  EXPECT_EQ(RulesFor(*plan, {}), "r1 r2 ");
  EXPECT_EQ(RulesFor(*plan, {.name = "shop.x"}), "r1 r2 ");
  EXPECT_EQ(RulesFor(*plan, Model("m")), "");
}

TEST(RulesFor, SelectsWhatAllFaultsOfARuleCanActOn) {
  const auto plan =
      PlanOf("rule { id: 'r' one_of { fault { tool_error {} } } one_of { fault { reset {} } } }");
  EXPECT_EQ(RulesFor(*plan, {}), "r ");
  EXPECT_EQ(RulesFor(*plan, Model("m")), "");
}

}  // namespace
}  // namespace murphy::scenario
