// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/config/mistakes.h"

namespace murphy::config {
namespace {

v1::Scenario Read(const std::string& fault) {
  ScenarioReading reading = ReadScenario("", "", {fault});
  EXPECT_EQ(Lines(reading.mistakes), "") << fault;
  EXPECT_EQ(reading.scenario.rule_size(), 1) << fault;
  if (reading.scenario.rule_size() == 0) reading.scenario.add_rule();
  return reading.scenario;
}

TEST(InlineFault, MayBeANameAlone) {
  const v1::Scenario scenario = Read("hang");
  EXPECT_TRUE(scenario.rule(0).fault().has_hang());
  EXPECT_EQ(scenario.schema(), "murphy.scenario/v1");
  EXPECT_EQ(scenario.name(), "inline");
}

TEST(InlineFault, TakesKeysOfRuleTriggerAndFaultAlike) {
  const v1::Scenario scenario =
      Read("rate_limit,target=model:gpt-*,first=2,retry_after=2s,limit=9,after.calls=3");
  const v1::Rule& rule = scenario.rule(0);
  ASSERT_EQ(rule.target_size(), 1);
  EXPECT_EQ(rule.target(0), "model:gpt-*");
  EXPECT_EQ(rule.when().first(), 2u);
  EXPECT_EQ(rule.when().after().calls(), 3u);
  EXPECT_EQ(rule.limit(), 9u);
  EXPECT_EQ(rule.fault().rate_limit().retry_after().seconds(), 2);
}

TEST(InlineFault, TakesDottedKeys) {
  const v1::Rule rule =
      Read("error_event,kind=overloaded,position.events=4,when.first=1,nth=2").rule(0);
  EXPECT_EQ(rule.fault().error_event().kind(), v1::ERROR_KIND_OVERLOADED);
  EXPECT_EQ(rule.fault().error_event().position().events(), 4u);
  EXPECT_EQ(rule.when().first(), 1u);
  EXPECT_EQ(rule.when().nth(), 2u);
}

TEST(InlineFault, TakesConditions) {
  const v1::Trigger when =
      Read(
          "status,code=503,on.recovery=fallback,on.of=primary,on.within.calls=2,"
          "where.pointer=/amount,where.equals=\"5\",pattern=[\"fail\", \"ok\"],"
          "any=[{first=1}, {none=[{on={silence=\"5s\"}}]}]")
          .rule(0)
          .when();
  EXPECT_EQ(when.on().recovery(), v1::RECOVERY_KIND_FALLBACK);
  EXPECT_EQ(when.on().of(), "primary");
  EXPECT_EQ(when.on().within().calls(), 2u);
  EXPECT_EQ(when.where().equals(), "5");
  ASSERT_EQ(when.pattern_size(), 2);
  EXPECT_EQ(when.pattern(1), v1::PATTERN_STEP_OK);
  ASSERT_EQ(when.any_size(), 2);
  EXPECT_EQ(when.any(1).none(0).on().silence().seconds(), 5);
}

TEST(InlineFault, TomlValuesMayHoldCommas) {
  const v1::Rule rule =
      Read(R"(status,code=500,headers={ a = "b,]c", d = 'e,"' },between=[2, 3],body="x, \"y")")
          .rule(0);
  EXPECT_EQ(rule.fault().status().headers().at("a"), "b,]c");
  EXPECT_EQ(rule.fault().status().headers().at("d"), "e,\"");
  EXPECT_EQ(rule.fault().status().body(), "x, \"y");
  EXPECT_EQ(rule.when().between(1), 3u);
}

TEST(InlineFault, BareWordsAreTextWhereTextIsWanted) {
  const v1::Rule rule =
      Read("status, code = 503, headers.retry-after=2, headers.\"x.y\"=true, body=don't panic #1")
          .rule(0);
  EXPECT_EQ(rule.fault().status().code(), 503u);
  EXPECT_EQ(rule.fault().status().headers().at("retry-after"), "2");
  EXPECT_EQ(rule.fault().status().headers().at("x.y"), "true");
  EXPECT_EQ(rule.fault().status().body(), "don't panic #1");
}

TEST(InlineFault, KindAndGlobAreATarget) {
  const auto target = [](const std::string& text) {
    const v1::Scenario scenario = Read("hang,target=" + text);
    EXPECT_TRUE(scenario.target().contains(text)) << text;
    return scenario.target().contains(text) ? scenario.target().at(text) : v1::Target();
  };
  EXPECT_EQ(target("model:gpt-4.1*").model(0), "gpt-4.1*");
  EXPECT_EQ(target("model:gpt-*").kind(), v1::TARGET_KIND_MODEL);
  EXPECT_EQ(target("tool:payments.*").name(0), "payments.*");
  EXPECT_EQ(target("tool:payments.*").kind(), v1::TARGET_KIND_TOOL);
  EXPECT_EQ(target("mcp:tools/list").kind(), v1::TARGET_KIND_MCP);
  EXPECT_EQ(target("http:crm.*").kind(), v1::TARGET_KIND_HTTP);
  EXPECT_EQ(target("http:/v1/*").path(0), "/v1/*");
  EXPECT_EQ(target("agent:planner").agent(0), "planner");
  EXPECT_EQ(target("route:openai").route(0), "openai");
  EXPECT_FALSE(target("route:openai").has_kind());
}

TEST(InlineFault, EqualTargetsAreOne) {
  const ScenarioReading reading =
      ReadScenario("", "", {"hang,target=tool:a", "reset,target=tool:a", "reset,target=tool:b"});
  EXPECT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(reading.scenario.target_size(), 2);
  EXPECT_EQ(reading.scenario.rule_size(), 3);
}

TEST(InlineFault, FollowsTheRulesOfTheFile) {
  const ScenarioReading reading = ReadScenario(
      "f", "schema = \"murphy.scenario/v1\"\nname = \"x\"\n[target.t]\n[[rule]]\nhang = {}\n",
      {"reset,target=t"});
  EXPECT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(reading.scenario.name(), "x");
  EXPECT_EQ(reading.scenario.target_size(), 1);
  ASSERT_EQ(reading.scenario.rule_size(), 2);
  EXPECT_TRUE(reading.scenario.rule(1).fault().has_reset());
  EXPECT_EQ(OriginOf(reading.origins, "rule[1].target").location.column, 14);
}

TEST(InlineFault, SeveralAreNumberedInMistakes) {
  EXPECT_EQ(Lines(ReadScenario("", "", {"hang,limit=0", "rate_limt"}).mistakes),
            "--fault 1:1:12: `limit` must be an integer from 1 to 1000000, not 0\n"
            "--fault 2:1:1: no fault is called \"rate_limt\"; did you mean `rate_limit`?\n");
}

struct Case {
  std::string text;
  std::string mistakes;
};

class WrongInlineFault : public testing::TestWithParam<Case> {};

TEST_P(WrongInlineFault, IsExplained) {
  EXPECT_EQ(Lines(ReadScenario("", "", {GetParam().text}).mistakes), GetParam().mistakes);
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, WrongInlineFault,
    testing::Values(
        Case{"rate_limit,frist=2,retry_after=2",
             "--fault:1:12: `rate_limit` has no key \"frist\"; did you mean `first`?\n"
             "--fault:1:32: `retry_after` must be a duration from 0s to 24h, not 2: add a unit, as "
             "in \"2s\"\n"},
        Case{"hang,banana=1",
             "--fault:1:6: `hang` has no key \"banana\"; it accepts `duration`, `first`, `nth`, "
             "`every`, `between`, `probability`, `probability_per`, `after`, `pattern`, `on`, "
             "`where`, `any`, `all`, `none`, `cause`, `cause_on`, `cause_off`, `id`, `target`, "
             "`phase`, `when`, `attempts`, `count`, `limit`, `ttl`, `intensity`, `one_of`, "
             "`one_of_per`, `by_attempt`, `failures`, `count_per`\n"},
        Case{"error_event,position.evnts=4",
             "--fault:1:13: `error_event.position` has no key \"evnts\"; did you mean `events`? It "
             "accepts `events`, `bytes`, `boundary`, `fraction`\n"},
        Case{"hang,target=modle:gpt",
             "--fault:1:13: an inline target is KIND:GLOB with a kind of `model`, `tool`, `mcp`, "
             "`http`, `agent`, `route`, not \"modle\"; did you mean `model`?\n"},
        Case{"hang,target=model:", "--fault:1:13: `model:` names nothing: write model:* for all\n"},
        Case{"hang,", "--fault:1:6: expected a key, as in `first=2`\n"},
        Case{"hang,first", "--fault:1:11: `first` has no value: write first=VALUE\n"},
        Case{"hang,first=", "--fault:1:12: `first` has no value: write first=VALUE\n"},
        Case{"hang,first=1,first=2", "--fault:1:14: `first` is given twice\n"},
        Case{"hang,when={first=1},first=2", "--fault:1:21: `first` is given twice\n"},
        Case{"hang,id=\"a\"b", "--fault:1:12: expected a comma\n"},
        Case{"hang,between=[1,2", "--fault:1:18: the text ends in the middle of an array\n"},
        Case{"status,code=500,body=\xc3\xa9,limit=0",
             "--fault:1:30: `limit` must be an integer from 1 to 1000000, not 0\n"},
        Case{"hang,id=\xff", "--fault:1:9: this is not UTF-8 text\n"},
        Case{"hang,id=\x01",
             "--fault:1:9: an inline fault is one line, without control characters\n"},
        Case{"hang,\nfirst=1",
             "--fault:1:6: an inline fault is one line, without control characters\n"},
        Case{std::string(70'000, 'a'), "--fault:1:1: the text is longer than 65536 bytes\n"}));

TEST(InlineFault, WithoutANameListsTheCatalogue) {
  const std::string lines = Lines(ReadScenario("", "", {"first=2"}).mistakes);
  EXPECT_TRUE(lines.starts_with(
      "--fault:1:1: no fault is called \"first=2\"; there are `latency`, `reset`,"))
      << lines;
}

}  // namespace
}  // namespace murphy::config
