// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/plans.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "fmt/format.h"

namespace murphy::scenario {

v1::Scenario Scenario(std::string_view text) {
  v1::Scenario scenario;
  const bool parsed = google::protobuf::TextFormat::ParseFromString(std::string(text), &scenario);
  EXPECT_TRUE(parsed) << text;
  if (!scenario.has_schema()) scenario.set_schema("murphy.scenario/v1");
  if (!scenario.has_name()) scenario.set_name("test");
  return scenario;
}

std::shared_ptr<const Plan> PlanOf(std::string_view text, uint64_t seed) {
  std::vector<Mistake> mistakes;
  auto plan = Plan::Compile(Scenario(text), seed, mistakes);
  for (const Mistake& mistake : mistakes) {
    ADD_FAILURE() << mistake.path << ": " << mistake.message;
  }
  return plan;
}

message::Call CallOf(const Shot& shot) {
  return {.kind = shot.kind,
          .provider = "http",
          .name = shot.name,
          .shape = shot.shape,
          .digest = fmt::format("{} {}", shot.name, shot.arguments),
          .arguments = shot.arguments,
          .estimated_tokens = 10,
          .telemetry = shot.telemetry,
          .unclassified = shot.unclassified};
}

}  // namespace murphy::scenario
