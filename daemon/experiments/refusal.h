// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace murphy::experiments {

inline constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
inline constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";

// A status with google.rpc.ErrorInfo: `reason` is UPPER_SNAKE_CASE and constant, for programs; the
// message is for people.
absl::Status Refusal(absl::StatusCode code, const std::string& reason, const std::string& message);

// One mistake of a request: where, and what.
struct Violation {
  std::string field;
  std::string description;
};

// INVALID_ARGUMENT with google.rpc.BadRequest. `what` says what was read, as in "scenario.toml has
// 2 mistakes".
absl::Status BadRequest(const std::string& what, const std::vector<Violation>& violations);

// NOT_FOUND for a run that the journal does not have.
absl::Status NotInJournal(const std::string& run);

// INVALID_ARGUMENT for a page token that no response has given.
absl::Status WrongPageToken();

}  // namespace murphy::experiments
