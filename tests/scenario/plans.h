// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/scenario/plan.h"
#include "faults/message/dialect.h"

namespace murphy::scenario {

// A scenario in protobuf's text format; schema and name are filled in.
v1::Scenario Scenario(std::string_view text);

// The plan of a scenario that must be right.
std::shared_ptr<const Plan> PlanOf(std::string_view text, uint64_t seed = 1);

// One request. The digest and shape are made from the fields that a dialect would make them from.
struct Shot {
  v1::TargetKind kind = v1::TARGET_KIND_TOOL;
  std::string name = "shop.pay";
  std::string arguments = "{}";
  std::string shape = "{}";
  std::string agent = {};
  std::vector<message::Header> headers = {};
  std::string route = "shop";
  bool telemetry = false;
  bool unclassified = false;
  bool canary = false;
  std::string upstream = {};
};
inline Shot Model(std::string name, std::string arguments = "{}") {
  return {
      .kind = v1::TARGET_KIND_MODEL, .name = std::move(name), .arguments = std::move(arguments)};
}

message::Call CallOf(const Shot& shot);

}  // namespace murphy::scenario
