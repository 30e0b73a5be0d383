// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/engine/history.h"
#include "fmt/format.h"
#include "tests/engine/world.h"

namespace murphy::engine {
namespace {

Shot Distinct(int n) { return {.arguments = fmt::format("[{}]", n)}; }

TEST(Composition, OrdersByStageThenByFile) {
  World world(R"(
    rule { id: 'trailing' fault { latency { fixed {} at: LATENCY_POINT_FIRST_BYTE } } }
    rule { id: 'body-1' fault { truncate_body {} } }
    rule { id: 'stream' fault { slow_events { delay {} } } }
    rule { id: 'body-2' fault { truncate_body {} } }
    rule { id: 'post' fault { lose_response {} } }
    rule { id: 'latency' fault { latency { fixed {} } } })");
  EXPECT_EQ(Fired(world.Begin()), "latency post body-1 body-2 stream trailing");
}

TEST(Composition, LetsTheFirstTerminalFaultOfTheFileActAndMasksTheOthers) {
  World world(R"(
    rule { id: 'post' fault { lose_response {} } }
    rule { id: 'pre' fault { status { code: 500 } } }
    rule { id: 'slow' fault { latency { fixed {} } } }
    rule { id: 'hang' fault { hang {} } })");
  const Begun begun = world.Begin();
  EXPECT_EQ(Fired(begun), "slow (pre) (hang) post");
  for (const Decision& decision : begun.decisions) {
    if (decision.state != v1::INJECTION_STATE_MASKED) continue;
    EXPECT_EQ(decision.detail, "rule `post` acts on the same exchange");
  }
}

TEST(Composition, NumbersFiredAndMaskedInjectionsInFileOrder) {
  World world(
      "rule { id: 'a' fault { reset {} } } rule { id: 'b' fault { hang {} } } "
      "rule { id: 'c' fault { latency { fixed {} } } }");
  world.Begin(Distinct(1));
  const Begun begun = world.Begin(Distinct(2));
  std::string numbers;
  for (const Decision& d : begun.decisions)
    numbers += fmt::format("{}{} ", d.rule->id, d.injection);
  EXPECT_EQ(numbers, "c6 a4 b5 ");
}

TEST(Masking, AdvancesCountersAndSpendsNoLimit) {
  World world(R"(
    rule { id: 'a' when { first: 2 } fault { reset {} } }
    rule { id: 'first' when { first: 3 } fault { status { code: 500 } } }
    rule { id: 'limit' limit: 1 fault { hang {} } })");
  EXPECT_EQ(Fired(world.Begin(Distinct(1))), "a (first) (limit)");
  EXPECT_EQ(Fired(world.Begin(Distinct(2))), "a (first) (limit)");
  EXPECT_EQ(Fired(world.Begin(Distinct(3))), "first (limit)");
  EXPECT_EQ(Fired(world.Begin(Distinct(4))), "limit");
  EXPECT_EQ(Fired(world.Begin(Distinct(5))), "");
}

TEST(Masking, CountsAsNoInjection) {
  World world(R"(
    guard { max_injections: 2 }
    phase { name: 'a' until { injections: 2 } } phase { name: 'b' }
    rule { id: 'x' fault { reset {} } } rule { id: 'y' fault { hang {} } })");
  EXPECT_EQ(Fired(world.Begin(Distinct(1))), "x (y)");
  EXPECT_EQ(world.decider().disarm_reason(), "");
  EXPECT_EQ(world.decider().Unreached().size(), 0u) << "masked is not unreached";
}

TEST(Limiter, LetsThroughWhatItHasRoomForWithoutAnInjection) {
  World world(
      "rule { id: 'r' fault { rate_limit { concurrent: 1 } } } "
      "rule { id: 'after' fault { hang {} } }");
  const Begun first = world.Begin(Distinct(1));
  EXPECT_EQ(Fired(first), "?r after") << "a declined limiter masks nothing";
  EXPECT_EQ(first.decisions[0].injection, 0u);
  const Begun second = world.Begin(Distinct(2));
  EXPECT_EQ(Fired(second), "r (after)");
  world.Finish(second.sequence, {.failed = true});
  world.Finish(first.sequence);
  EXPECT_EQ(Fired(world.Begin(Distinct(3))), "?r after") << "its place was given back";
}

TEST(Limiter, RefusesWhatIsSelectedWhereNoLimitIsNamed) {
  World world("rule { id: 'r' when { first: 1 } fault { rate_limit {} } }");
  EXPECT_EQ(Fired(world.Begin(Distinct(1))), "r");
  EXPECT_EQ(Fired(world.Begin(Distinct(2))), "");
}

std::shared_ptr<const message::Document> Answer(std::string text) {
  auto document = std::make_shared<message::Document>();
  document->parts.push_back({.raw = text, .data = text});
  return document;
}

TEST(History, GivesTheLastFourSuccessesLatestFirst) {
  World world("rule { id: 'r' when { nth: 8 } fault { stale_result {} } }");
  for (int n = 1; n <= 6; ++n) {
    world.Finish(world.Begin(Distinct(n)).sequence, {.answer = Answer(std::to_string(n))});
  }
  world.Finish(world.Begin(Distinct(7)).sequence, {.failed = true, .answer = Answer("failed")});
  const Begun begun = world.Begin(Distinct(8));
  ASSERT_EQ(begun.decisions.size(), 1u);
  std::string texts;
  for (const auto& answer : begun.decisions[0].history) texts += answer->parts[0].data;
  EXPECT_EQ(texts, "6543");
}

TEST(History, KeepsNamesAndShapesApart) {
  World world("rule { id: 'r' fault { stale_result {} } }");
  world.Finish(world.Begin().sequence, {.answer = Answer("x")});
  EXPECT_EQ(world.Begin({.arguments = "[1]", .shape = "other"}).decisions[0].history.size(), 0u);
  EXPECT_EQ(world.Begin({.name = "shop.see"}).decisions[0].history.size(), 0u);
  EXPECT_EQ(world.Begin({.arguments = "[1]"}).decisions[0].history.size(), 1u);
}

TEST(History, IsBounded) {
  History history;
  const auto big = Answer(std::string(100 << 10, 'x'));
  for (int n = 0; n < 4; ++n) history.Add("a", big);
  EXPECT_EQ(history.Of("a").size(), 2u) << "200 of 256 KiB";
  history.Add("a", Answer(std::string(300 << 10, 'x')));
  EXPECT_EQ(history.Of("a").size(), 2u) << "too large to keep, and no reason to drop the others";
  for (size_t n = 0; n < History::kMostRows; ++n) history.Add(std::to_string(n), Answer("x"));
  EXPECT_EQ(history.Of("a").size(), 0u);
  EXPECT_EQ(history.Of("0").size(), 1u);
}

}  // namespace
}  // namespace murphy::engine
