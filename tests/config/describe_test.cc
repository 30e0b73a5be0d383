// SPDX-License-Identifier: Apache-2.0
#include "daemon/config/describe.h"

#include <gtest/gtest.h>

namespace murphy::config {
namespace {

v1::ParameterDescription Parameter(const v1::FaultDescription& fault, std::string_view name) {
  for (const v1::ParameterDescription& parameter : fault.parameters()) {
    if (parameter.name() == name) return parameter;
  }
  ADD_FAILURE() << fault.name() << " has no parameter " << name;
  return {};
}

TEST(DescribeFaults, ListsTheCatalogueInItsOrder) {
  const std::vector<v1::FaultDescription> faults = DescribeFaults("");
  ASSERT_EQ(faults.size(), FaultNames().size());
  ASSERT_FALSE(faults.empty());
  for (size_t i = 0; i < faults.size(); ++i) EXPECT_EQ(faults[i].name(), FaultNames()[i]);
  EXPECT_EQ(faults.front().name(), "latency");
}

TEST(DescribeFaults, SaysOfEveryFaultAndParameterWhatItIs) {
  for (const v1::FaultDescription& fault : DescribeFaults("")) {
    EXPECT_FALSE(fault.info().summary().empty()) << fault.name();
    EXPECT_NE(fault.info().layer(), v1::LAYER_UNSPECIFIED) << fault.name();
    for (const v1::ParameterDescription& parameter : fault.parameters()) {
      EXPECT_FALSE(parameter.summary().empty()) << fault.name() << " " << parameter.name();
      EXPECT_FALSE(parameter.type().empty()) << fault.name() << " " << parameter.name();
    }
  }
}

TEST(DescribeFaults, DescribesOneByName) {
  const std::vector<v1::FaultDescription> faults = DescribeFaults("rate_limit");
  ASSERT_EQ(faults.size(), 1u);
  const v1::ParameterDescription delay = Parameter(faults[0], "retry_after");
  EXPECT_EQ(delay.type(), "duration");
  EXPECT_EQ(delay.info().default_value(), "the true wait");
  EXPECT_EQ(delay.summary(),
            "Delay that is stated to the agent. Absent: the true wait until the limit allows the "
            "request again, or 1 s where no limit is named.");
  EXPECT_EQ(Parameter(faults[0], "retry_after_form").type(),
            "one of seconds, date, milliseconds, body, absent");
  EXPECT_EQ(Parameter(faults[0], "concurrent").type(), "integer");
}

TEST(DescribeFaults, NamesNestedParametersWithDots) {
  const v1::FaultDescription fault = DescribeFaults("cut_stream").at(0);
  EXPECT_EQ(Parameter(fault, "position").info().default_value(), "{ events = 1 }");
  EXPECT_EQ(Parameter(fault, "position.events").type(), "integer");
  EXPECT_EQ(Parameter(fault, "position.fraction").type(), "number");
}

TEST(DescribeFaults, DescribesTables) {
  EXPECT_EQ(Parameter(DescribeFaults("status").at(0), "headers").type(), "table of text");
}

TEST(DescribeFaults, KnowsNothingOfOtherNames) { EXPECT_TRUE(DescribeFaults("rate").empty()); }

}  // namespace
}  // namespace murphy::config
