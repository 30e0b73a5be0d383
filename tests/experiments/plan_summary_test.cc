// SPDX-License-Identifier: Apache-2.0
#include "daemon/experiments/plan_summary.h"

#include <gtest/gtest.h>

#include "daemon/config/reader.h"
#include "daemon/experiments/inline_text.h"

namespace murphy::experiments {
namespace {

std::shared_ptr<const scenario::Plan> Compile(const std::string& text,
                                              const std::vector<std::string>& faults = {}) {
  const config::ScenarioReading reading =
      config::ReadScenario(text.empty() ? "" : "a.toml", text, faults);
  for (const config::Mistake& mistake : reading.mistakes) ADD_FAILURE() << mistake.message;
  std::vector<scenario::Mistake> mistakes;
  auto plan = scenario::Plan::Compile(reading.scenario, 1, mistakes);
  for (const scenario::Mistake& mistake : mistakes)
    ADD_FAILURE() << mistake.path << ": " << mistake.message;
  return plan;
}

constexpr char kHead[] = "schema = \"murphy.scenario/v1\"\nname = \"x\"\n";

// What is printed can be given to --fault, and means the same.
TEST(InlineText, IsReadBackAsTheSameRule) {
  for (
      const std::string text :
      {"status,code=503", "rate_limit,first=2,retry_after=2s,retry_after_form=milliseconds",
       "status,between=[2, 5],attempts=[1, 1],code=429,headers.x-a=\"b, c\",body=\"say "
       "\\\"no\\\"\"",
       "latency,probability=0.25,uniform.min=100ms,uniform.max=1.5s",
       "cut_stream,after.calls=3,position.events=4,how=reset",
       "prompt_injection,benign=true,limit=3,ttl=90s", "wrong_value,pointer=/total,kind=off_by_one",
       "status,code=503,pattern=[\"fail\", \"ok\"],count_per=agent",
       "status,code=503,probability=0.3,probability_per=header:x-tenant,failures=[0, 3]",
       "one_of=[{weight = 3, status = {code = 503}}, {reset = {}}],one_of_per=operation,first=2",
       "by_attempt=[{status = {code = 503, headers = {x-a = \"b\"}}}, {latency = {ramp = {end = "
       "\"3s\", over = {calls = 5}}}}],target=[\"tool:a\", \"tool:b\"]",
       "status,code=503,on.answer.status=[500, 599],on.since.calls=2",
       "status,code=503,on.recovery=retry,on.times=2,on.within.time=1.5s",
       "status,code=503,where.pointer=\"/a b\",where.matches=\"^x,[0-9]\",where.attempts=[1, 2]",
       "status,code=503,any=[{first = 2}, {on = {silence = \"1m30s\"}, none = [{pattern = [\"ok\", "
       "\"fail\"]}]}]"}) {
    const auto once = config::ReadScenario("", "", {text});
    ASSERT_TRUE(once.mistakes.empty()) << text << ": " << once.mistakes[0].message;
    const std::string written = InlineText(once.scenario.rule(0));
    const auto twice = config::ReadScenario("", "", {written});
    ASSERT_TRUE(twice.mistakes.empty()) << written << ": " << twice.mistakes[0].message;
    EXPECT_EQ(once.scenario.rule(0).DebugString(), twice.scenario.rule(0).DebugString()) << written;
  }
}

TEST(PlanSummary, WritesRulesInTheLanguageOfTheFile) {
  const auto plan =
      Compile(std::string(kHead) +
              "[[rule]]\nid = \"down\"\nwhen = { first = 2 }\nstatus = { code = 503 }\n");
  EXPECT_EQ(Summarise(*plan, {}).rules(0), "down: status,first=2,code=503");
}

TEST(PlanSummary, CallsCountsAndChancesReproducible) {
  const auto plan =
      Compile("", {"status,code=503,probability=0.5,first=3", "rate_limit", "latency,fixed=2s"});
  const v1::PlanSummary summary = Summarise(*plan, {});
  EXPECT_TRUE(summary.reproducible());
  EXPECT_EQ(summary.timing_dependencies_size(), 0);
}

TEST(PlanSummary, CallsAPlanThatAClockEndsTimingDependent) {
  for (const char* guard : {"max_duration = \"1s\"\n", "[[guard.stop]]\nlatency = \"1s\"\n"}) {
    const auto plan = Compile(std::string(kHead) + "[guard]\n" + guard +
                              "[[rule]]\nid = \"down\"\nstatus = { code = 503 }\n");
    EXPECT_FALSE(Summarise(*plan, {}).reproducible()) << guard;
  }
}

TEST(PlanSummary, WarnsOfCountsWithoutACounter) {
  const auto idle = Compile("", {"status,code=503,probability=0.3,count=operations"});
  EXPECT_EQ(Summarise(*idle, {}).warnings_size(), 1);
  const auto counting = Compile("", {"status,code=503,first=3,count=operations"});
  EXPECT_EQ(Summarise(*counting, {}).warnings_size(), 0);
}

TEST(PlanSummary, NamesEveryDependencyOnTime) {
  const auto plan = Compile(std::string(kHead) + R"(
[[phase]]
name = "one"
duration = "10s"
[[phase]]
name = "two"
until = { time = "3s" }
[[phase]]
name = "three"
[[rule]]
id = "waits"
when = { after = { time = "1s" } }
status = { code = 503 }
[[rule]]
id = "nests"
when = { none = [{ on = { response = "failure", within = { time = "5s" } } }], any = [{ on = { silence = "9s" } }] }
status = { code = 503 }
[[rule]]
id = "ends"
ttl = "30s"
status = { code = 503 }
[[rule]]
id = "limits"
rate_limit = { requests_per_minute = 3 }
[[rule]]
id = "swells"
when = { cause = "region" }
intensity = { ramp = { over = { time = "3s" } } }
status = { code = 503 }
[cause.region]
window = { after = { calls = 3 }, lasting = { time = "3s" } }
[[group]]
name = "meets"
rules = ["waits", "ends"]
mode = "rendezvous"
)");
  const v1::PlanSummary summary = Summarise(*plan, {});
  EXPECT_FALSE(summary.reproducible());
  ASSERT_EQ(summary.timing_dependencies_size(), 9);
  for (const char* name : {"`one`", "`two`", "`waits`", "`nests`", "`ends`", "`limits`", "`swells`",
                           "`region`", "`meets`"}) {
    int found = 0;
    for (const std::string& sentence : summary.timing_dependencies()) {
      found += sentence.find(name) != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(found, 1) << name;
  }
}

TEST(PlanSummary, CallsChancesThatStickAndFaultsThatAreDrawnReproducible) {
  const auto plan =
      Compile("", {"status,code=503,probability=0.3,probability_per=operation",
                   "status,code=503,failures=[0, 3]",
                   "one_of=[{status = {code = 503}}, {reset = {}}],one_of_per=session",
                   "by_attempt=[{status = {code = 503}}, {latency = {ramp = {end = \"3s\", over = "
                   "{calls = 3}}}}]",
                   "status,code=503,on.answer.status=[500, 599],on.since.calls=2"});
  EXPECT_TRUE(Summarise(*plan, {}).reproducible());
}

TEST(PlanSummary, LooksIntoEachFaultOfARuleForTimes) {
  for (const char* fault :
       {"one_of=[{reset = {}}, {latency = {ramp = {end = \"3s\", over = {time = \"9s\"}}}}]",
        "by_attempt=[{reset = {}}, {rate_limit = {requests_per_day = 3}}]",
        "latency,of_client_timeout=0.9", "status,code=503,on.call=ends,on.since.time=3s"}) {
    const v1::PlanSummary summary = Summarise(*Compile("", {fault}), {});
    EXPECT_FALSE(summary.reproducible()) << fault;
    EXPECT_EQ(summary.timing_dependencies_size(), 1) << fault;
  }
  const auto limited = Compile(std::string(kHead) +
                               "[guard]\nmax_per_minute = 5\n[[rule]]\nstatus = { code = 503 }\n");
  EXPECT_FALSE(Summarise(*limited, {}).reproducible());
}

TEST(PlanSummary, CountsRecentExchangesThatEachRuleWouldHaveSeen) {
  const auto plan = Compile(std::string(kHead) + R"(
[target.charge]
kind = "tool"
name = "payments.charge"
[[rule]]
target = "charge"
status = { code = 503 }
[[rule]]
status = { code = 503 }
[[rule]]
provider_error = { kind = "overloaded" }
)");
  std::vector<v1::Exchange> recent(3);
  recent[0].set_kind(v1::TARGET_KIND_TOOL);
  recent[0].set_name("payments.charge");
  recent[1].set_kind(v1::TARGET_KIND_TOOL);
  recent[1].set_name("payments.refund");
  recent[2].set_kind(v1::TARGET_KIND_MODEL);
  recent[2].set_name("gpt-4o");
  const v1::PlanSummary summary = Summarise(*plan, recent);
  EXPECT_EQ(summary.recent_matches(0), 1u);
  EXPECT_EQ(summary.recent_matches(1), 3u);
  EXPECT_EQ(summary.recent_matches(2), 1u);
}

}  // namespace
}  // namespace murphy::experiments
