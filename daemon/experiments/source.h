// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/config/reader.h"
#include "daemon/experiments/policy.h"
#include "daemon/scenario/plan.h"
#include "murphy/v1/experiment_service.pb.h"

namespace murphy::experiments {

// A scenario as somebody sent it, read, checked and compiled under this daemon's policy.
struct Compiled {
  v1::Scenario scenario;
  std::shared_ptr<const scenario::Plan> plan;
  // What the policy has tightened, a sentence each.
  std::vector<std::string> notes;
};

// INVALID_ARGUMENT with every mistake and its place; FAILED_PRECONDITION where the guard refuses.
// Without `seed`, the scenario's, else a new one.
absl::StatusOr<Compiled> CompileSource(const Policy& policy, const v1::ScenarioSource& source,
                                       const std::optional<uint64_t>& seed);

// What was sent, read, with its mistakes.
config::ScenarioReading ReadSource(const v1::ScenarioSource& source);

// Says how a file wants to be run.
absl::Status DescribeSource(const v1::ReadScenarioRequest& request,
                            v1::ReadScenarioResponse* response);

// What is kept with an experiment: nothing that the agent's environment holds.
v1::Scenario Kept(v1::Scenario scenario);
v1::Invocation Kept(const v1::Invocation& said);
// What is kept of a source: its texts without the environment.
void ForgetEnvironment(v1::ScenarioSource& source);

}  // namespace murphy::experiments
