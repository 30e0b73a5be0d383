// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "daemon/outcome/classify.h"

namespace murphy::outcome {

// Words for evidence and reasons.

// `1 call`, `2 calls`.
std::string Counted(uint64_t number, std::string_view noun);

// `1.5s`.
std::string Seconds(absl::Duration duration);
std::string Seconds(const google::protobuf::Duration& duration);

// `12.5 %`.
std::string Percent(double rate);

// `exchanges 3 and 5`.
std::string Exchanges(const std::vector<uint64_t>& sequences);

// An expectation as a file has it: `bounded_retries = { target = "primary", at_most = 4 }`.
std::string AsWritten(const v1::Expect& expect);
// What a probe is to answer: `probe = { name = "ledger", at_most = 1 }`.
std::string AsWritten(const v1::Probe& probe);

// What the agent and a checker say of the task where it does not fit together; else nothing.
std::string Contradiction(const Evidence& evidence);

// What is known of the task and the process: `the task is wrong, exit code 0`.
std::string HowItEnded(const Evidence& evidence);

}  // namespace murphy::outcome
