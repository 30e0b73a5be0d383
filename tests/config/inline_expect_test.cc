// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/config/mistakes.h"

namespace murphy::config {
namespace {

TEST(InlineExpectation, IsReadAsAFileIs) {
  const ScenarioReading inline_form = ReadScenario(
      "", "", {}, {"circuit_breaks,target=charge,failures=3,rest=10s", "completes"});
  const ScenarioReading file = ReadScenario("f", R"(schema = "murphy.scenario/v1"
name = "inline"
[[expect]]
circuit_breaks = { target = "charge", failures = 3, rest = "10s" }
[[expect]]
completes = {}
)",
                                            {});
  EXPECT_EQ(Lines(inline_form.mistakes) + Lines(file.mistakes), "");
  EXPECT_EQ(inline_form.scenario.DebugString(), file.scenario.DebugString());
}

TEST(InlineExpectation, FollowsThoseOfTheFile) {
  const ScenarioReading reading = ReadScenario("f", R"(schema = "murphy.scenario/v1"
name = "x"
[[expect]]
completes = {}
)",
                                               {"hang"}, {"bounded_retries,at_most=3"});
  EXPECT_EQ(Lines(reading.mistakes), "");
  ASSERT_EQ(reading.scenario.expect_size(), 2);
  EXPECT_EQ(reading.scenario.expect(1).bounded_retries().at_most(), 3u);
  EXPECT_EQ(OriginOf(reading.origins, "expect[1].bounded_retries").file, "--expect");
}

TEST(InlineExpectation, MayNameATargetByItsKind) {
  const ScenarioReading reading =
      ReadScenario("", "", {}, {"before,first=tool:look*,then=tool:charge",
                                "bulkhead,target=model:gpt-*,others=[\"tool:look*\"]",
                                "fires,rule=a:b"});
  EXPECT_EQ(Lines(reading.mistakes), "");
  EXPECT_EQ(reading.scenario.target_size(), 3);
  EXPECT_EQ(reading.scenario.target().at("model:gpt-*").model(0), "gpt-*");
}

TEST(InlineExpectation, SaysWhatIsWrongAndWhatWasMeant) {
  EXPECT_EQ(Lines(ReadScenario("", "", {}, {"bounded_retires,at_most=3"}).mistakes),
            "--expect:1:1: no expectation is called \"bounded_retires\"; did you mean "
            "`bounded_retries`?\n");
  EXPECT_EQ(Lines(ReadScenario("", "", {}, {"completes", "bounded_retries,at_mst=3"}).mistakes),
            "--expect 2:1:17: `bounded_retries` has no key \"at_mst\"; did you mean `at_most`? It "
            "accepts `target`, `at_most`\n");
  EXPECT_EQ(Lines(ReadScenario("", "", {}, {"bounded_retries,at_most=x"}).mistakes),
            "--expect:1:25: `at_most` must be an integer from 1 to 1000000, not \"x\"\n");
  EXPECT_EQ(Lines(ReadScenario("", "", {}, {"bounded_retries"}).mistakes),
            "--expect:1:1: `at_most` is missing: `bounded_retries` needs it\n");
  EXPECT_EQ(Lines(ReadScenario("", "", {}, {"bounded_retries,at_most=1,at_most=2"}).mistakes),
            "--expect:1:27: `at_most` is given twice\n");
}

}  // namespace
}  // namespace murphy::config
