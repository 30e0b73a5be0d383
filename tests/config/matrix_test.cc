// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/matrix.h"

#include <gtest/gtest.h>

#include "fmt/format.h"
#include "tests/config/mistakes.h"

namespace murphy::config {
namespace {

constexpr std::string_view kHead = "schema = \"murphy.scenario/v1\"\nname = \"x\"\n";

ScenarioReading Read(std::string_view text, std::map<std::string, std::string> params = {}) {
  return ReadScenario({.file = {"f", std::string(kHead) + std::string(text)},
                       .params = std::move(params)});
}

std::vector<std::string> Cells(const ScenarioReading& reading) {
  std::vector<std::string> cells;
  for (const MatrixCell& cell : reading.cells) {
    std::string& text = cells.emplace_back();
    for (const auto& [name, value] : cell)
      text += fmt::format("{}{}={}", text.empty() ? "" : " ", name, value);
  }
  return cells;
}

using List = std::vector<std::string>;

constexpr std::string_view kRule =
    "[[rule]]\nid = \"${model}\"\nwhen = { first = \"${calls}\" }\nreset = {}\n";

TEST(Matrix, CombinesItsListsInTheOrderOfTheFile) {
  const ScenarioReading reading = Read(
      std::string("[matrix]\nmodel = [\"a\", \"b\"]\ncalls = [1, 2]\n") + std::string(kRule));
  ASSERT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(Cells(reading), (List{"model=a calls=1", "model=a calls=2", "model=b calls=1",
                                  "model=b calls=2"}));
  EXPECT_EQ(reading.scenario.rule(0).id(), "a") << "the first cell";
  EXPECT_FALSE(reading.scenario.has_matrix());
}

TEST(Matrix, LeavesCellsOutAndAddsOthers) {
  const ScenarioReading reading =
      Read(std::string("[params]\nregion = \"eu\"\n[matrix]\nmodel = [\"a\", \"b\"]\ncalls = [1, 2]\n"
                       "exclude = [{ model = \"a\", calls = 2 }, { model = \"b\" }]\n"
                       "include = [{ model = \"c\", region = \"us\" }]\n") +
           std::string(kRule));
  ASSERT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(Cells(reading), (List{"model=a calls=1", "model=c calls=1 region=us"}));
}

TEST(Matrix, ANumberAmongIntegersMakesThemNumbers) {
  const ScenarioReading reading = Read(
      "[matrix]\np = [1, 0.5]\n[[rule]]\nwhen = { probability = \"${p}\" }\nreset = {}\n");
  ASSERT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(Cells(reading), (List{"p=1", "p=0.5"}));
}

TEST(Matrix, WhatIsSetStays) {
  const std::string text =
      std::string("[matrix]\nmodel = [\"a\", \"b\"]\ncalls = [1, 2]\n") + std::string(kRule);
  EXPECT_EQ(Cells(Read(text, {{"model", "z"}})), (List{"model=z calls=1", "model=z calls=2"}));
  const ScenarioReading one = Read(text, {{"model", "b"}, {"calls", "2"}});
  ASSERT_EQ(Lines(one.mistakes), "");
  EXPECT_TRUE(one.cells.empty()) << "nothing is left open";
  EXPECT_EQ(one.scenario.rule(0).id(), "b");
  EXPECT_EQ(one.scenario.rule(0).when().first(), 2u);
}

TEST(Matrix, TooManyCellsAreCountedAndNotMade) {
  std::string list;
  for (int i = 0; i < 100; ++i) list += fmt::format("{}{}", i == 0 ? "" : ", ", i + 1);
  const ScenarioReading reading =
      Read(fmt::format("[matrix]\na = [{0}]\nb = [{0}]\n", list));
  EXPECT_EQ(Lines(reading.mistakes),
            "f:3:2: the matrix has 10000 cells (100 × 100), and each is an experiment of its own; "
            "at most 256 are run: shorten a list, or run a part of it with --set a=…\n");
  EXPECT_TRUE(reading.cells.empty());
}

TEST(Matrix, MistakesAreNamedAtTheirPlaces) {
  EXPECT_EQ(Lines(Read("[params]\nn = 1\n[matrix]\nn = [1, \"two\", 1]\n").mistakes),
            "f:6:9: `n` must be an integer, as its other values are, not \"two\"\n"
            "f:6:16: 1 is there twice\n");
  EXPECT_EQ(Lines(Read("[matrix]\nn = []\n").mistakes),
            "f:4:5: `n` must be a list of values, as n = [\"a\", \"b\"]\n");
  EXPECT_EQ(Lines(Read("matrix = 3\n").mistakes),
            "f:3:10: `matrix` must be a table of lists, as [matrix] and below it model = [\"a\", "
            "\"b\"], not 3\n");
  EXPECT_EQ(Lines(Read("[matrix]\nmodel = [\"a\"]\nexclude = [{ modle = \"a\" }]\n").mistakes),
            "f:5:14: there is no parameter `modle`; did you mean `model`?\n");
  EXPECT_EQ(Lines(Read("[matrix]\nmodel = [\"a\"]\nexclude = [{ model = \"a\" }]\n").mistakes),
            "f:5:1: `exclude` leaves nothing of the matrix\n");
}

}  // namespace
}  // namespace murphy::config
