// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "tools/murphy/exit_code.h"

namespace murphy::cli {

// One entry of google.rpc.BadRequest.
struct FieldViolation {
  // For scenarios: `FILE:LINE:COLUMN`.
  std::string field;
  std::string description;
};

// The violations in a status' rich details; empty without any.
std::vector<FieldViolation> FieldViolations(const grpc::Status& status);

// What went wrong and what to do next, with the exit code that it calls for. Mistakes of a scenario
// become one line each.
Failure ExplainStatus(const grpc::Status& status, const std::string& target);

}  // namespace murphy::cli
