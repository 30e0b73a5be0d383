// SPDX-License-Identifier: Apache-2.0
#include "daemon/scenario/where.h"

#include <gtest/gtest.h>

#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

// Whether a rule with this `where` fires on a call.
bool Matches(const std::string& where, const Shot& shot) {
  World world(
      fmt::format("rule {{ id: 'r' when {{ where {{ {} }} }} fault {{ reset {{}} }} }}", where));
  return Fired(world.Begin(shot)) == "r";
}

Shot Pay(std::string arguments) { return {.name = "shop.pay", .arguments = std::move(arguments)}; }

TEST(WherePointer, ComparesTextAndJson) {
  const Shot pay =
      Pay(R"({"amount":5,"to":{"name":"Ann"},"tags":["a","b"],"none":null,"on":true})");
  EXPECT_TRUE(Matches("pointer: '/amount' equals: '5'", pay));
  EXPECT_FALSE(Matches("pointer: '/amount' equals: '50'", pay));
  EXPECT_TRUE(Matches("pointer: '/to/name' equals: 'Ann'", pay));
  EXPECT_TRUE(Matches("pointer: '/tags/1' equals: 'b'", pay));
  EXPECT_TRUE(Matches("pointer: '/on' equals: 'true'", pay));
  EXPECT_TRUE(Matches("pointer: '/to' equals: '{\"name\":\"Ann\"}'", pay));
}

TEST(WherePointer, ComparesNumbersByTheirValue) {
  for (const char* number : {"7", "7.0", "70e-1"}) {
    const Shot pay = Pay(fmt::format(R"({{"amount":{}}})", number));
    EXPECT_TRUE(Matches("pointer: '/amount' equals: '7'", pay)) << number;
    EXPECT_TRUE(Matches("pointer: '/amount' equals: '7.0'", pay)) << number;
    EXPECT_FALSE(Matches("pointer: '/amount' equals: '7.01'", pay)) << number;
    EXPECT_FALSE(Matches("pointer: '/amount' equals: 'seven'", pay)) << number;
  }
  EXPECT_FALSE(Matches("pointer: '/id' equals: '7.0'", Pay(R"({"id":"7"})"))) << "a text";
  EXPECT_FALSE(
      Matches("pointer: '/id' equals: '9007199254740993'", Pay(R"({"id":9007199254740992})")));
}

TEST(WherePointer, AloneAsksWhetherSomethingIsThere) {
  const Shot pay = Pay(R"({"a/b":1,"none":null})");
  EXPECT_TRUE(Matches("pointer: '/a~1b'", pay));
  EXPECT_TRUE(Matches("pointer: '/none'", pay));
  EXPECT_FALSE(Matches("pointer: '/other'", pay));
  EXPECT_FALSE(Matches("pointer: '/none/deeper'", pay));
}

TEST(WherePointer, FindsNothingInWhatIsNoJson) {
  for (const char* text : {"", "{", "not json", "\xff\xfe", "[1] [2]"})
    EXPECT_FALSE(Matches("pointer: ''", Pay(text))) << text;
  EXPECT_FALSE(Matches("pointer: ''", Pay(std::string(100'000, '[')))) << "too deep";
  EXPECT_FALSE(
      Matches("pointer: ''", Pay("\"" + std::string(scenario::Content::kMostRead, 'x') + "\"")))
      << "too long";
}

TEST(WhereMatches, SearchesAValueOrEverything) {
  const Shot pay = Pay(R"({"iban":"DE89 3704","note":"URGENT: pay now"})");
  EXPECT_TRUE(Matches("pointer: '/iban' matches: '^DE[0-9]{2}'", pay));
  EXPECT_FALSE(Matches("pointer: '/note' matches: '^DE'", pay));
  EXPECT_TRUE(Matches("matches: '(?i)urgent'", pay));
  EXPECT_FALSE(Matches("matches: 'refund'", pay));
}

TEST(WhereMatches, LooksIntoTheBodyOfAModelCall) {
  EXPECT_TRUE(Matches("matches: 'weather'", Model("gpt-5", R"({"messages":["weather?"]})")));
  EXPECT_TRUE(Matches("pointer: '/messages/0' matches: '\\\\?$'",
                      Model("gpt-5", R"({"messages":["weather?"]})")));
}

TEST(WhereMatches, TakesLinearTime) {
  // A backtracking engine would not live to see the end of it.
  EXPECT_FALSE(Matches("matches: '(x+x+)+y'", Pay(std::string(100'000, 'x'))));
}

TEST(WhereHeader, ComparesOrAsksWhetherItIsThere) {
  Shot shot;
  shot.headers = {{"X-Tenant", "acme"}, {"X-Empty", ""}};
  EXPECT_TRUE(Matches("header: 'x-tenant'", shot));
  EXPECT_TRUE(Matches("header: 'x-empty'", shot));
  EXPECT_FALSE(Matches("header: 'x-other'", shot));
  EXPECT_TRUE(Matches("header: 'x-tenant' equals: 'acme'", shot));
  EXPECT_FALSE(Matches("header: 'x-tenant' equals: 'ac'", shot));
  EXPECT_TRUE(Matches("header: 'x-tenant' matches: '^ac'", shot));
}

TEST(WhereNames, AreGlobs) {
  EXPECT_TRUE(Matches("model: 'gpt-*'", Model("gpt-5")));
  EXPECT_FALSE(Matches("model: 'gpt-*'", Model("claude-4")));
  EXPECT_FALSE(Matches("model: '*'", Pay("{}"))) << "no model";
  EXPECT_TRUE(Matches("tool: 'shop.*'", Pay("{}")));
  EXPECT_FALSE(Matches("tool: '*'", Model("gpt-5"))) << "no tool";
  EXPECT_TRUE(Matches("agent: 'plan*'", {.agent = "planner"}));
  EXPECT_FALSE(Matches("agent: 'plan*'", {}));
}

TEST(WhereSession, PrefersTheSessionOfTheProtocol) {
  Shot shot;
  shot.headers = {{"x-murphy-session", "b"}};
  EXPECT_TRUE(Matches("session: 'b'", shot));
  shot.headers.push_back({"Mcp-Session-Id", "a"});
  EXPECT_TRUE(Matches("session: 'a'", shot));
  EXPECT_FALSE(Matches("session: 'b'", shot));
  EXPECT_FALSE(Matches("session: '*'", Shot())) << "none";
}

TEST(WhereAttempts, AreOfTheOperation) {
  World world("rule { id: 'r' when { where { attempts: [2, 2] } } fault { reset {} } }");
  EXPECT_EQ(Fired(world.SendAndFail()), "");
  EXPECT_EQ(Fired(world.SendAndFail()), "r");
  EXPECT_EQ(Fired(world.SendAndFail()), "");
}

TEST(Where, IsAndedAndComesBeforeCounters) {
  EXPECT_FALSE(Matches("tool: 'shop.pay' pointer: '/x'", Pay("{}")));
  World world("rule { id: 'r' when { where { pointer: '/big' } nth: 2 } fault { reset {} } }");
  EXPECT_EQ(Fired(world.Succeed(Pay(R"({"big":1})"))), "");
  EXPECT_EQ(Fired(world.Succeed(Pay(R"({"small":1})"))), "");
  EXPECT_EQ(Fired(world.Succeed(Pay(R"({"big":2})"))), "r");
}

TEST(WhereMatches, DecidesTheSameForManyExpressions) {
  std::string rules;
  for (size_t i = 0; i < 30; ++i) {
    rules += fmt::format(
        "rule {{ id: 'r{0}' when {{ where {{ matches: 'word-{0}[^0-9]' }} }} fault {{ latency {{ "
        "fixed {{}} }} }} }} ",
        i);
  }
  World world(rules);
  EXPECT_EQ(Fired(world.Begin({.arguments = "word-7, word-12 and word-123 or WORD-3,"})), "r7 r12");
}

}  // namespace
}  // namespace murphy::engine
