// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/parameters.h"

#include <gtest/gtest.h>

#include "tests/config/mistakes.h"

namespace murphy::config {
namespace {

constexpr std::string_view kHead = "schema = \"murphy.scenario/v1\"\nname = \"x\"\n";

ScenarioReading Read(std::string_view text, std::map<std::string, std::string> params = {},
                     std::vector<std::string> faults = {}) {
  return ReadScenario({.file = {"f", std::string(kHead) + std::string(text)},
                       .inline_faults = std::move(faults),
                       .params = std::move(params)});
}

constexpr std::string_view kAll = R"(
[params]
model = "gpt-4o"
calls = 2
chance = 0.5
wait = "2s"
on = true
[target.m]
kind = "model"
model = "${model}"
[guard]
allow_side_effects = "${on}"
[[rule]]
id = "hits-${model}-${calls}"
target = "m"
when = { first = "${calls}", probability = "${chance}" }
rate_limit = { retry_after = "${wait}" }
)";

TEST(Parameters, StandForTheirDefaults) {
  const ScenarioReading reading = Read(kAll);
  ASSERT_EQ(Lines(reading.mistakes), "");
  const v1::Scenario& scenario = reading.scenario;
  EXPECT_EQ(scenario.target().at("m").model(0), "gpt-4o");
  EXPECT_EQ(scenario.rule(0).id(), "hits-gpt-4o-2");
  EXPECT_EQ(scenario.rule(0).when().first(), 2u);
  EXPECT_EQ(scenario.rule(0).when().probability(), 0.5);
  EXPECT_EQ(scenario.rule(0).fault().rate_limit().retry_after().seconds(), 2);
  EXPECT_TRUE(scenario.guard().allow_side_effects());
  EXPECT_EQ(scenario.params().at("calls"), "2") << "what was used is on record";
}

TEST(Parameters, AreSetByWordsOfTheirOwnType) {
  const ScenarioReading reading = Read(
      kAll, {{"model", "o3"}, {"calls", "7"}, {"chance", "1"}, {"wait", "1m"}, {"on", "false"}});
  ASSERT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(reading.scenario.rule(0).id(), "hits-o3-7");
  EXPECT_EQ(reading.scenario.rule(0).when().first(), 7u);
  EXPECT_EQ(reading.scenario.rule(0).fault().rate_limit().retry_after().seconds(), 60);
  EXPECT_FALSE(reading.scenario.guard().allow_side_effects());
  EXPECT_EQ(reading.scenario.params().at("model"), "o3");
}

TEST(Parameters, MistakesNameTheFieldTheValueAndTheNearest) {
  EXPECT_EQ(Lines(Read(kAll, {{"modle", "o3"}}).mistakes),
            "--set modle:0:0: there is no parameter `modle`; did you mean `model`?\n");
  EXPECT_EQ(Lines(Read(kAll, {{"calls", "many"}}).mistakes),
            "--set calls:0:0: `calls` must be an integer, as its default 2 is, not \"many\"\n");
  EXPECT_EQ(Lines(Read(kAll, {{"wait", "soon"}}).mistakes),
            "f:19:30: `retry_after` must be a duration from 0s to 24h, not \"soon\" (by the "
            "parameter `wait`): write it as \"250ms\", \"2s\" or \"1m30s\"\n");
  EXPECT_EQ(Lines(Read("[params]\na = 1\n[[rule]]\nid = \"${other}\"\nreset = {}\n").mistakes),
            "f:6:6: there is no parameter `other`; [params] declares `a`\n");
  EXPECT_EQ(Lines(Read("[[rule]]\nid = \"${b}\"\nreset = {}\n").mistakes),
            "f:4:6: there is no parameter `b`: declare it, as [params] and below it b = \"…\"\n");
  EXPECT_EQ(Lines(Read("[params]\nHOME = 1\nlist = [1]\n").mistakes),
            "f:4:1: \"HOME\" cannot be the name of a parameter: it begins with a lower-case "
            "letter, and has lower-case letters, digits, `_` and `-`\n"
            "f:5:8: the default of `list` must be text, an integer, a number, true or false, not a "
            "list\n");
}

TEST(Parameters, QuotesAroundAValueAndLineBreaksAreNotMeant) {
  EXPECT_EQ(Lines(Read(kAll, {{"model", "\"o3\""}}).mistakes),
            "--set model:0:0: the value is in quotes, which would be a part of it: leave them "
            "out\n");
  EXPECT_EQ(Lines(Read(kAll, {{"model", "o3\n[[rule]]"}}).mistakes),
            "--set model:0:0: the value has a line break or another control character in it\n");
}

TEST(Parameters, NoValueBecomesAnythingButAValue) {
  const ScenarioReading reading =
      Read(kAll, {{"model", R"(x", kind = "tool" } [[rule]] # ${calls})"}});
  ASSERT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(reading.scenario.rule_size(), 1);
  EXPECT_EQ(reading.scenario.target().at("m").model(0),
            R"(x", kind = "tool" } [[rule]] # ${calls})")
      << "a value is not looked into again";
}

TEST(Parameters, WhatAShellExpandsIsLeftAlone) {
  const ScenarioReading reading =
      Read("[params]\na = 1\n[run]\ncheck = \"test -s ${OUT} && echo $${a} ${a}\"\n");
  ASSERT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(reading.scenario.run().check(), "test -s ${OUT} && echo ${a} 1");
}

TEST(Parameters, AreKnownInInlineFaults) {
  const ScenarioReading reading =
      Read("[params]\nn = 3\nmodel = \"gpt-*\"\n", {}, {"rate_limit,first=${n},target=model:${model}"});
  ASSERT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(reading.scenario.rule(0).when().first(), 3u);
  EXPECT_EQ(reading.scenario.rule(0).target(0), "model:gpt-*");
  EXPECT_EQ(reading.scenario.target().at("model:gpt-*").model(0), "gpt-*");
}

TEST(Parameters, AnIntegerStandsForTextAndForANumber) {
  const ScenarioReading reading =
      Read("[params]\nn = 1\n[[rule]]\nid = \"${n}\"\nwhen = { probability = \"${n}\" }\nreset = {}\n");
  ASSERT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(reading.scenario.rule(0).id(), "1");
  EXPECT_EQ(reading.scenario.rule(0).when().probability(), 1);
}

}  // namespace
}  // namespace murphy::config
