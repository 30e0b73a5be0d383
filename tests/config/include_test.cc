// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/include.h"

#include <gtest/gtest.h>

#include "fmt/format.h"
#include "tests/config/mistakes.h"

namespace murphy::config {
namespace {

constexpr std::string_view kHead = "schema = \"murphy.scenario/v1\"\nname = \"x\"\n";

ScenarioReading Read(std::string_view text, std::vector<SourceFile> included) {
  return ReadScenario({.file = {"dir/main.toml", std::string(kHead) + std::string(text)},
                       .included = std::move(included)});
}

std::string At(const ScenarioReading& reading, std::string_view path) {
  const Origin origin = OriginOf(reading.origins, path);
  return fmt::format("{}:{}:{}", origin.file, origin.location.line, origin.location.column);
}

constexpr const char* kCommon = R"(owner = "platform"
[guard]
max_injections = 5
max_tokens = 100
[target.pay]
kind = "tool"
[[rule]]
id = "first"
target = "pay"
reset = {}
)";

TEST(Include, GoesOnFromWhatIsIncluded) {
  const ScenarioReading reading = Read(
      "include = [\"common.toml\"]\n[guard]\nmax_injections = 9\n[[rule]]\nid = \"second\"\n"
      "target = \"pay\"\nhang = {}\n",
      {{"dir/common.toml", kCommon}});
  ASSERT_EQ(Lines(reading.mistakes), "");
  const v1::Scenario& scenario = reading.scenario;
  EXPECT_EQ(scenario.owner(), "platform");
  EXPECT_EQ(scenario.guard().max_injections(), 9u) << "the including file's value counts";
  EXPECT_EQ(scenario.guard().max_tokens(), 100u);
  ASSERT_EQ(scenario.rule_size(), 2);
  EXPECT_EQ(scenario.rule(0).id(), "first");
  EXPECT_EQ(scenario.rule(1).id(), "second");
  EXPECT_EQ(scenario.include_size(), 0);
}

TEST(Include, ErrorsNameTheIncludedFile) {
  const ScenarioReading reading =
      Read("include = \"common.toml\"\n", {{"dir/common.toml", "[guard]\nmax_injektions = 5\n"}});
  EXPECT_EQ(Lines(reading.mistakes).substr(0, 67),
            "dir/common.toml:2:1: `guard` has no key \"max_injektions\"; did you m");
  const ScenarioReading places = Read(
      "include = \"common.toml\"\n[[rule]]\nid = \"second\"\nreset = {}\n", {{"dir/common.toml", kCommon}});
  EXPECT_EQ(At(places, "rule[0].id"), "dir/common.toml:8:6");
  EXPECT_EQ(At(places, "rule[1].id"), "dir/main.toml:5:6");
}

TEST(Include, SyntaxOfAnIncludedFileIsItsOwnMistake) {
  const ScenarioReading reading =
      Read("include = \"common.toml\"\n", {{"dir/common.toml", "\n\nx = = 1\n"}});
  EXPECT_TRUE(Lines(reading.mistakes).starts_with("dir/common.toml:3:")) << Lines(reading.mistakes);
}

TEST(Include, SaysWhichFilesItLacks) {
  const ScenarioReading reading =
      Read("include = [\"../shared/a.toml\", \"b.toml\"]\n", {{"dir/b.toml", ""}});
  EXPECT_EQ(Lines(reading.mistakes), "");
  ASSERT_EQ(reading.wanted.size(), 1u);
  EXPECT_EQ(reading.wanted[0].name, "shared/a.toml");
  EXPECT_EQ(reading.wanted[0].written, "../shared/a.toml");
  EXPECT_EQ(reading.wanted[0].origin.file, "dir/main.toml");
  EXPECT_EQ(reading.wanted[0].origin.location.line, 3);
}

TEST(Include, TheSameNameTwiceNamesBothPlaces) {
  const ScenarioReading reading = Read(
      "include = \"common.toml\"\n[target.pay]\nkind = \"model\"\n[[rule]]\nid = \"first\"\nreset = {}\n",
      {{"dir/common.toml", kCommon}});
  EXPECT_EQ(Lines(reading.mistakes),
            "dir/main.toml:4:9: there are two of the name \"pay\" among `target`: here and at "
            "dir/common.toml:5:9\n"
            "dir/main.toml:7:6: there are two of the name \"first\" among `rule`: here and at "
            "dir/common.toml:8:6\n");
}

TEST(Include, CirclesAreNamed) {
  const ScenarioReading reading = Read("include = \"a.toml\"\n", {{"dir/a.toml", "include = \"b.toml\"\n"},
                                                               {"dir/b.toml", "include = \"a.toml\"\n"}});
  EXPECT_EQ(Lines(reading.mistakes),
            "dir/b.toml:1:11: files include each other in a circle: dir/main.toml → dir/a.toml → "
            "dir/b.toml → dir/a.toml\n");
}

TEST(Include, AFileThatTwoIncludeIsThereOnce) {
  const ScenarioReading reading =
      Read("include = [\"a.toml\", \"b.toml\"]\n", {{"dir/a.toml", "include = \"common.toml\"\n"},
                                                  {"dir/b.toml", "include = \"common.toml\"\n"},
                                                  {"dir/common.toml", kCommon}});
  EXPECT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(reading.scenario.rule_size(), 1);
}

TEST(Include, HasADepthAndATypeOfFile) {
  std::vector<SourceFile> chain;
  for (size_t i = 0; i < 2 * kDeepestInclude; ++i)
    chain.push_back({fmt::format("dir/{}.toml", i), fmt::format("include = \"{}.toml\"\n", i + 1)});
  EXPECT_EQ(Lines(Read("include = \"0.toml\"\n", chain).mistakes),
            "dir/7.toml:1:11: files include each other more than 8 deep\n");
  EXPECT_EQ(Lines(Read("include = \"/etc/passwd\"\n", {}).mistakes),
            "dir/main.toml:3:11: `include` names TOML files, and \"/etc/passwd\" does not end in "
            "`.toml`\n");
  EXPECT_EQ(Lines(Read("include = 3\n", {}).mistakes),
            "dir/main.toml:3:11: `include` must be a list of files, as include = [\"common.toml\"], "
            "not 3\n");
}

TEST(Include, ParametersReachIntoIncludedFiles) {
  const ScenarioReading reading = Read(
      "include = \"common.toml\"\n[params]\ncode = 503\n",
      {{"dir/common.toml", "[params]\ncode = 500\n[[rule]]\nstatus = { code = \"${code}\" }\n"}});
  ASSERT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(reading.scenario.rule(0).fault().status().code(), 503u);
}

TEST(WithoutEnvironment, KeepsEverythingButTheValues) {
  EXPECT_EQ(WithoutEnvironment("name = \"x\"\n[run]\nenv = { A = \"hunter2\", B = 'é' } # env\n"),
            "name = \"x\"\n[run]\nenv = { A = \"[redacted]\", B = \"[redacted]\" } # env\n");
  EXPECT_EQ(WithoutEnvironment("[run.env]\nÉ = 1\n"), "") << "a text that cannot be read";
  EXPECT_EQ(WithoutEnvironment("[run.env]\nA = \"\"\"\nhun\nter2\"\"\"\nB = 5\n"),
            "[run.env]\nA = \"[redacted]\"\nB = \"[redacted]\"\n");
  EXPECT_EQ(WithoutEnvironment("run.env.A = \"hunter2\"\n"), "run.env.A = \"[redacted]\"\n");
  EXPECT_EQ(WithoutEnvironment("name = \"x\"\n"), "name = \"x\"\n");
  EXPECT_EQ(WithoutEnvironment("[run]\nenv = [\"A=hunter2\"]\n"), "");
}

}  // namespace
}  // namespace murphy::config
