// SPDX-License-Identifier: Apache-2.0
#include "tools/murphy/environment.h"

#include "gtest/gtest.h"

namespace murphy::cli {
namespace {

v1::StartRunResponse Started() {
  v1::StartRunResponse started;
  started.set_gateway("http://127.0.0.1:7460");
  started.mutable_run()->set_id("R");
  return started;
}

Environment Child(const Environment& own, const std::map<std::string, std::string>& routes = {}) {
  return ChildEnvironment(own, PlanInterception(own, routes), Started(), "/tmp/report.json");
}

struct Row {
  std::string variable;
  // What the agent gets when the user has set nothing; empty: the variable stays unset.
  std::string child;
  std::string route;
};

class Families : public testing::TestWithParam<Row> {};

TEST_P(Families, UnsetVariableGetsTheDefaultPath) {
  const Environment child = Child({});
  EXPECT_EQ(Get(child, GetParam().variable), GetParam().child);
}

TEST_P(Families, SetVariableKeepsItsUpstreamAndPath) {
  const Environment own = {{GetParam().variable, "http://127.0.0.1:9000/own/v9"}};
  EXPECT_EQ(PlanInterception(own, {}).routes.at(GetParam().route), "http://127.0.0.1:9000/");
  EXPECT_EQ(Get(Child(own), GetParam().variable),
            "http://127.0.0.1:7460/r/R/" + GetParam().route + "/own/v9");
}

const std::string kRun = "http://127.0.0.1:7460/r/R/";

INSTANTIATE_TEST_SUITE_P(
    Table, Families,
    testing::Values(Row{"OPENAI_BASE_URL", kRun + "openai/v1", "openai"},
                    Row{"OPENAI_API_BASE", kRun + "openai/v1", "openai"},
                    Row{"ANTHROPIC_BASE_URL", kRun + "anthropic", "anthropic"},
                    Row{"ANTHROPIC_API_URL", kRun + "anthropic", "anthropic"},
                    Row{"GOOGLE_GEMINI_BASE_URL", kRun + "gemini", "gemini"},
                    Row{"MISTRAL_BASE_URL", kRun + "mistral/v1", "mistral"},
                    Row{"CO_API_URL", kRun + "cohere", "cohere"},
                    Row{"CO_BASE_URL", kRun + "cohere", "cohere"},
                    Row{"GROQ_BASE_URL", kRun + "groq", "groq"},
                    Row{"OPENROUTER_BASE_URL", kRun + "openrouter/api/v1", "openrouter"},
                    Row{"OPENROUTER_API_BASE", kRun + "openrouter/api/v1", "openrouter"},
                    Row{"DEEPSEEK_BASE_URL", kRun + "deepseek", "deepseek"},
                    Row{"DEEPSEEK_API_BASE", kRun + "deepseek/v1", "deepseek"},
                    Row{"TOGETHER_BASE_URL", kRun + "together/v1", "together"},
                    Row{"XAI_BASE_URL", kRun + "xai/v1", "xai"},
                    Row{"AZURE_OPENAI_ENDPOINT", "", "azure-openai"},
                    Row{"OLLAMA_BASE_URL", "", "ollama"}),
    [](const auto& row) { return row.param.variable; });

TEST(Environment, TestTableHasEveryVariable) { EXPECT_EQ(VariableRows().size(), 17u); }

TEST(Environment, AsksForNoRouteWhenTheUserNamesTheBuiltInUpstream) {
  const Environment own = {{"OPENAI_BASE_URL", "https://api.openai.com/v1"}};
  EXPECT_TRUE(PlanInterception(own, {}).routes.empty());
  EXPECT_EQ(Get(Child(own), "OPENAI_BASE_URL"), kRun + "openai/v1");
}

TEST(Environment, UnsetSiblingFollowsTheSetOne) {
  const Environment own = {{"OPENAI_BASE_URL", "http://127.0.0.1:9000/custom"}};
  EXPECT_EQ(Get(Child(own), "OPENAI_API_BASE"), kRun + "openai/custom");
}

TEST(Environment, SecondUpstreamOfOneFamilyGetsItsOwnRoute) {
  const Environment own = {{"OPENAI_BASE_URL", "http://127.0.0.1:9000/v1"},
                           {"OPENAI_API_BASE", "http://127.0.0.1:9001/v1"}};
  const Interception plan = PlanInterception(own, {});
  EXPECT_EQ(plan.routes.at("openai"), "http://127.0.0.1:9000/");
  EXPECT_EQ(plan.routes.at("openai-api-base"), "http://127.0.0.1:9001/");
  EXPECT_EQ(Get(Child(own), "OPENAI_API_BASE"), kRun + "openai-api-base/v1");
}

TEST(Environment, CredentialsInAUrlStayWithTheAgent) {
  const Environment own = {{"OPENAI_BASE_URL", "https://user:secret@llm.example.com/v1"}};
  EXPECT_EQ(PlanInterception(own, {}).routes.at("openai"), "https://llm.example.com/");
  EXPECT_EQ(Get(Child(own), "OPENAI_BASE_URL"), "http://user:secret@127.0.0.1:7460/r/R/openai/v1");
}

TEST(Environment, WhatIsNoUrlIsLeftAloneWithAWarning) {
  const Environment own = {{"GROQ_BASE_URL", "localhost:9000"}};
  const Interception plan = PlanInterception(own, {});
  ASSERT_EQ(plan.warnings.size(), 1u);
  EXPECT_NE(plan.warnings[0].find("GROQ_BASE_URL"), std::string::npos);
  EXPECT_EQ(Get(Child(own), "GROQ_BASE_URL"), "localhost:9000");
}

TEST(Environment, RouteOfTheCommandLineIsExportedByName) {
  const std::map<std::string, std::string> routes = {{"pay-ments", "http://127.0.0.1:9100/api"}};
  EXPECT_EQ(PlanInterception({}, routes).routes.at("pay-ments"), "http://127.0.0.1:9100/api");
  EXPECT_EQ(Get(Child({}, routes), "MURPHY_ROUTE_PAY_MENTS"), kRun + "pay-ments");
}

TEST(Environment, RouteOfTheCommandLineBeatsTheEnvironment) {
  const Environment own = {{"OPENAI_BASE_URL", "http://127.0.0.1:9000/v1"}};
  const std::map<std::string, std::string> routes = {{"openai", "http://127.0.0.1:9300"}};
  EXPECT_EQ(PlanInterception(own, routes).routes.at("openai"), "http://127.0.0.1:9300");
  EXPECT_EQ(Get(Child(own, routes), "OPENAI_BASE_URL"), kRun + "openai/v1");
}

TEST(Environment, PathInAnExplicitRouteReplacesTheDefaultPath) {
  const Environment child = Child({}, {{"openai", "http://127.0.0.1:9300/v1"}});
  EXPECT_EQ(Get(child, "OPENAI_BASE_URL"), kRun + "openai");
}

TEST(Environment, UrlsOfTheDaemonAreUsedWhereItGivesThem) {
  v1::StartRunResponse started = Started();
  (*started.mutable_route_urls())["openai"] = "http://127.0.0.1:8000/r/R/openai";
  const Environment child = ChildEnvironment({}, PlanInterception({}, {}), started, "");
  EXPECT_EQ(Get(child, "OPENAI_BASE_URL"), "http://127.0.0.1:8000/r/R/openai/v1");
}

TEST(Environment, AgentIsToldItsRunAndNothingOfTheControlApi) {
  const Environment child = Child({{"MURPHY_DAEMON", "unix:/s"},
                                   {"MURPHY_TOKEN_FILE", "/t"},
                                   {"MURPHY_STATE_DIR", "/d"},
                                   {"KEPT", "1"}});
  EXPECT_EQ(Get(child, "MURPHY_RUN"), "R");
  EXPECT_EQ(Get(child, "MURPHY_GATEWAY"), "http://127.0.0.1:7460");
  EXPECT_EQ(Get(child, "MURPHY_REPORT_FILE"), "/tmp/report.json");
  EXPECT_EQ(Get(child, "KEPT"), "1");
  for (const char* hidden : {"MURPHY_DAEMON", "MURPHY_TOKEN_FILE", "MURPHY_STATE_DIR"})
    EXPECT_EQ(child.count(hidden), 0u) << hidden;
}

TEST(Environment, GatewayIsReachedWithoutTheUsersProxy) {
  const Environment child = Child({{"no_proxy", "corp.example,localhost"}});
  EXPECT_EQ(Get(child, "no_proxy"), "corp.example,localhost,127.0.0.1,::1");
  EXPECT_EQ(Get(child, "NO_PROXY"), "corp.example,localhost,127.0.0.1,::1");
  EXPECT_EQ(Get(Child({{"NO_PROXY", "*"}}), "NO_PROXY"), "*");
}

TEST(Environment, ReadsEntriesWithEqualsSignsInTheirValues) {
  const char* entries[] = {"A=1=2", "EMPTY=", "NOEQUALS", nullptr};
  const Environment environment = ReadEnvironment(entries);
  EXPECT_EQ(environment, (Environment{{"A", "1=2"}, {"EMPTY", ""}}));
}

}  // namespace
}  // namespace murphy::cli
